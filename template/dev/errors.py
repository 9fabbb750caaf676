"""What goes wrong with the servers."""


class ServerError(Exception):
    """A server could not be found or started; the message says what to do."""
