"""Errors that stop an upgrade."""


class UpgradeError(Exception):
    """The upgrade cannot continue; the message says why, or what to do."""


class UsageError(UpgradeError):
    """The arguments of the command are wrong."""
