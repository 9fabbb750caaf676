"""The endpoints, one module for each resource.

An endpoint reads its arguments, calls one service and returns its result.
Queries and business rules belong to `app.services`.
"""
