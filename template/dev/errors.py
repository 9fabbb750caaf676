"""What goes wrong with the servers."""


class ServerError(Exception):
    """A server could not be found or started; the message says what to do."""


class PortTakenError(ServerError):
    """Another program took the port between our choice and the server's start."""
