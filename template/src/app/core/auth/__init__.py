"""Passwords and tokens: hashing, the rules for new passwords, signing, random tokens.

Call `passwords.Passwords`, `opaque_tokens` and `app.core.security`.
Do not change parameters of hashes or signatures without a decision on record.
"""
