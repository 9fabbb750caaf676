"""Errors of a rehearsal."""


class RehearsalError(Exception):
    """The rehearsal cannot go on; the message says what to do."""
