"""HTTP calls to other services, with retries.

Call `HttpClient` of `app.api.deps`.
It forwards no credentials and no cookies, and follows no redirects.
"""
