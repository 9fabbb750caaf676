"""Errors of the gate."""


class RevisionError(Exception):
    """Revisions could not be checked; the message says what to do."""
