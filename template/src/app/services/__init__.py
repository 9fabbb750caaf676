"""Business rules and queries, one module for each resource.

Endpoints, commands and jobs call these functions with a database session.
Services do not depend on HTTP: they raise the errors of `app.core.exceptions`.
"""
