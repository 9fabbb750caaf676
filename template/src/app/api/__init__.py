"""The HTTP interface: what is the same for every version, and one package for each version.

Call `deps` for the aliases that endpoints take, and `responses` for what OpenAPI shows of them.
Add endpoints to `v1`; the other modules belong to the platform.
"""
