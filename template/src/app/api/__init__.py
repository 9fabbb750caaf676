"""The HTTP API: modules for all versions, and one package for each version.

Endpoints take their arguments from `deps`, and describe response headers with `responses`.
Add endpoints to `v1`; the other modules belong to the platform.
"""
