"""Feature flags by OpenFeature.

Call `FlagsDep` and `RequireFlag` of `app.api.deps`; a provider is chosen in `main.py`.
A flag that cannot be read has its default value.
"""
