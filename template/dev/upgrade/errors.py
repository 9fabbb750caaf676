"""Errors that stop an upgrade."""


class UpgradeError(Exception):
    """The upgrade cannot continue; the message is one line and says what to do."""


class UsageError(UpgradeError):
    """The arguments of the command are wrong."""
