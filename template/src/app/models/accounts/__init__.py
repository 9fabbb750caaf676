"""The tables of login sessions and of password reset codes.

The services in `app.services.accounts` read and write them.
Secrets are stored only as hashes.
"""
