"""Request and response schemas, one module for each resource.

Derive from `InputSchema`, `PatchSchema` or `OutputSchema` of `app.core.validation`.
Never return a database model without a response schema.
"""
