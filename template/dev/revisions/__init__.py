"""Checks that new revisions can run while the service is in use.

Their statements are recorded on a scratch database, and squawk checks them.
"""
