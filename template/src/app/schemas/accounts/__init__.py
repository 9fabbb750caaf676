"""Request and response schemas of tokens, login sessions and administration.

The token schemas follow OAuth 2.0 (RFC 6749): do not change their field names and errors.
Never add a field with a hash or a stored secret to a response.
"""
