"""Request and response schemas of tokens, login sessions and administration.

The token schemas follow OAuth 2.0 (RFC 6749): keep their names and errors.
Never add a field that holds a hash or a code.
"""
