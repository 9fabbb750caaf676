"""What clients send and what they get, one module for each resource.

Derive from `InputSchema`, `PatchSchema` or `OutputSchema` of `app.core.validation`.
A model of the database never is a response.
"""
