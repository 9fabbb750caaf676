"""Request and response schemas, one module for each resource.

Derive from `InputSchema`, `PatchSchema` or `OutputSchema` of `app.core.validation`.
A database model is never a response.
"""
