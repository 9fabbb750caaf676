"""Passwords and tokens: hashing, the rules for new passwords, signing, random tokens.

Call `passwords.Passwords`, `opaque_tokens` and `app.core.security`.
Record a decision before you change the parameters of hashes or signatures.
"""
