"""Feature flags with OpenFeature.

Call `FlagsDep` and `RequireFlag` of `app.api.deps`; `main.py` chooses the provider.
A flag that cannot be evaluated has its default value.
"""
