"""HTTP calls to other services, with retries.

Call `HttpClient` of `app.api.deps`.
Credentials and cookies are never passed on; redirects are not followed.
"""
