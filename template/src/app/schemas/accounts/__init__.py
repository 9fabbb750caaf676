"""What clients send and get about tokens, login sessions and administration.

The tokens follow OAuth 2.0 (RFC 6749), so their names and errors stay.
Never add a field that holds a hash or a code.
"""
