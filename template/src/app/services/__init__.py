"""The rules of the service and its queries, one module for each resource.

Endpoints, commands and jobs call these functions with a database session.
Nothing here knows of HTTP: raise the errors of `app.core.exceptions`.
"""
