"""Password hashes, rules for new passwords, signed tokens and random tokens.

Use `passwords.Passwords`, and import from `opaque_tokens` and `app.core.security`.
If you change the parameters of hashes or signatures, document the reason.
"""
