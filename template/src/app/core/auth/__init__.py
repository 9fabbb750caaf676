"""Passwords and tokens: hashing, the rules for new passwords, signing, random tokens.

Use `passwords.Passwords`, and import from `opaque_tokens` and `app.core.security`.
Record a decision before you change the parameters of hashes or signatures.
"""
