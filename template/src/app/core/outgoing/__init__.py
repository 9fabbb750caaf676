"""HTTP calls to other services, with retries.

Use the dependency `HttpClient` from `app.api.deps`.
The client forwards no credentials and no cookies, and follows no redirects.
"""
