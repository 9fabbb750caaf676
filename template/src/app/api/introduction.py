"""The introduction to the API, which the documentation pages show first."""

from app import project

# In Markdown.
INTRODUCTION = """\
**Sign in.** Register with `POST /api/v1/users`. Then send your e-mail address as `username`, and
your password, to `POST /api/v1/auth/token`. The response contains an access token, for the header
`Authorization: Bearer <token>`, and a refresh token. Before the access token expires, exchange the
refresh token for two new tokens at `POST /api/v1/auth/refresh`. In Swagger UI, press *Authorize*:
the username is your e-mail address.

**Errors** are problem details (RFC 9457). `error_code` identifies the kind of error, `errors` lists
the invalid parts of the request, and `request_id` identifies the request in the logs.

**Lists** have pages of `limit` entries. For the next page, repeat the request with the
`next_cursor` of the response as `cursor`; if the response has a `total`, increase `offset` instead.
"""
# An argument of `FastAPI` with the same name, such as `summary`, replaces an entry.
INFO = {
    "summary": project.DESCRIPTION,
    "description": INTRODUCTION,
    "contact": {"name": project.MAINTAINER, "email": project.EMAIL},
    "license": {
        "name": project.LICENSE.removeprefix("LicenseRef-"),
        "identifier": project.LICENSE,
    },
}
