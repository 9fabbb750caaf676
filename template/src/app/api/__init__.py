"""The HTTP API: one package for each version, and modules that all versions share.

Endpoints get their arguments from `deps`, and describe response headers with `responses`.
Add endpoints to `v1`; the other modules belong to the platform.
"""
