"""The endpoints, one module for each resource.

An endpoint reads its arguments, calls one service and returns what that returns.
Queries and rules belong to `app.services`.
"""
