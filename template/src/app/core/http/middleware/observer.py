"""The base class of middleware that reads or changes only heads: of requests and of responses."""

from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from time import perf_counter

from starlette._utils import get_route_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FAILED = int(HTTPStatus.INTERNAL_SERVER_ERROR)
ResponseStep = Callable[["Exchange", Message], None]
Step = Callable[["Exchange"], None]


class Exchange:
    """A request and its response. The status is 500 until a response starts.

    `path` is without `ROOT_PATH`, as in routes. A mounted application may change the scope.
    """

    __slots__ = ("_on_response", "_send", "_started", "path", "scope", "status")

    def __init__(self, scope: Scope, send: Send, on_response: Sequence[ResponseStep]) -> None:
        self.scope = scope
        self.path = get_route_path(scope)
        self.status = FAILED
        self._send = send
        self._on_response = on_response
        self._started = perf_counter()

    @property
    def seconds(self) -> float:
        """The time since the head of the request arrived."""
        return perf_counter() - self._started

    async def send(self, message: Message) -> None:
        """Send a message; the steps for the response see its head first."""
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            for step in self._on_response:
                step(self, message)
        await self._send(message)


class ObserverMiddleware:
    """Runs the steps that a subclass defines, in the order in which middleware is added.

    Observers that are added one after the other run as one: each layer of its own would cost every
    request two more coroutines for its response. Another middleware between them separates them.
    """

    def __init__(self, app: ASGIApp) -> None:
        joined = (
            app if isinstance(app, ObserverMiddleware) and type(app).__call__ is _CALL else None
        )
        self._app: ASGIApp = joined._app if joined else app
        self._observers: list[ObserverMiddleware] = [self, *(joined._observers if joined else ())]
        # The outermost observer sees a request first and a response last.
        self._on_response = _steps("on_response", self._observers[::-1])
        self._on_end = _steps("on_end", self._observers[::-1])
        # With each step for a request, the ends of the observers around it, if the step fails.
        self._on_request: list[tuple[Step, Sequence[Step]]] = [
            (step, _steps("on_end", self._observers[:index][::-1]))
            for index, observer in enumerate(self._observers)
            for step in _steps("on_request", [observer])
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, send, self._on_response)
        ends: Sequence[Step] = ()
        try:
            for step, ends in self._on_request:  # noqa: B007 - `finally` needs `ends`
                step(exchange)
            ends = self._on_end
            await self._app(scope, receive, exchange.send)
        finally:
            _end(exchange, iter(ends))

    def on_request(self, exchange: Exchange) -> None:
        """Handle the head of a request, before the application does."""

    def on_response(self, exchange: Exchange, message: Message) -> None:
        """Change the message with the status and the headers of a response, before it is sent."""

    def on_end(self, exchange: Exchange) -> None:
        """Handle the end of an exchange, also after an error, unless `on_request` has failed."""


_CALL = ObserverMiddleware.__call__


def _end(exchange: Exchange, steps: Iterator[Step]) -> None:
    """Run all steps, also if one of them fails."""
    try:
        for step in steps:
            step(exchange)
    except BaseException:
        _end(exchange, steps)
        raise


def _steps(name: str, observers: Sequence[ObserverMiddleware]) -> list[Callable[..., None]]:
    """Return the steps that the classes of observers define."""
    undefined = getattr(ObserverMiddleware, name)
    return [getattr(each, name) for each in observers if getattr(type(each), name) is not undefined]
