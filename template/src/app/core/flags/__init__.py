"""Feature flags with OpenFeature.

Use `FlagsDep` and `RequireFlag` from `app.api.deps`; `resources.py` chooses the provider.
A flag that cannot be evaluated is off.
"""
