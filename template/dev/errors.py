"""Errors of the embedded servers."""


class ServerError(Exception):
    """A server could not be found or started; the message says what to do."""


class PortTakenError(ServerError):
    """Another program took the chosen port before the server did."""
