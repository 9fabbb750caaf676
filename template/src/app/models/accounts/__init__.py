"""The tables of login sessions and of codes that reset a password.

Services of `app.services.accounts` read and write them.
Secrets are stored as hashes only.
"""
