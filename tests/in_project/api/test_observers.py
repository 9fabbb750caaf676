"""Middleware that observes exchanges: its steps, their order, and how adjacent layers join."""

from collections.abc import Sequence

import pytest
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.http.middleware.observer import Exchange, ObserverMiddleware

HTTP = {"type": "http", "path": "/"}
START = {"type": "http.response.start", "status": 201, "headers": []}
BODY = {"type": "http.response.body", "body": b"x"}


class Noted(ObserverMiddleware):
    """Notes each step under its name."""

    def __init__(self, app: ASGIApp, name: str, notes: list[str]) -> None:
        super().__init__(app)
        self._name, self._notes = name, notes

    def on_request(self, exchange: Exchange) -> None:
        self._notes.append(f"{self._name} request {exchange.status}")

    def on_response(self, exchange: Exchange, message: Message) -> None:
        self._notes.append(f"{self._name} response {exchange.status}")
        message["headers"] = [*message["headers"], (self._name.encode(), b"")]

    def on_end(self, exchange: Exchange) -> None:
        assert exchange.seconds > 0
        self._notes.append(f"{self._name} end {exchange.status}")


class OnlyHeaders(ObserverMiddleware):
    def on_response(self, exchange: Exchange, message: Message) -> None:
        assert exchange.status == 201
        message["headers"] = [*message["headers"], (b"only", b"")]


class Between:
    """A middleware of another kind."""

    def __init__(self, app: ASGIApp, notes: list[str]) -> None:
        self._app, self._notes = app, notes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._notes.append("between")
        await self._app(scope, receive, send)


class Overriding(Noted):
    """An observer whose own call must not be lost when others join it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._notes.append("called")
        await super().__call__(scope, receive, send)


def stack(app: ASGIApp, layers: Sequence[Middleware]) -> ASGIApp:
    for cls, args, kwargs in reversed(layers):
        app = cls(app, *args, **kwargs)
    return app


async def call(app: ASGIApp, scope: Scope | None = None) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app({**(scope or HTTP)}, receive, send)
    return sent


async def respond(scope: Scope, receive: Receive, send: Send) -> None:
    await send({**START})
    await send(BODY)


async def fail(scope: Scope, receive: Receive, send: Send) -> None:
    raise ArithmeticError


async def test_adjacent_observers_run_as_one_layer_in_their_order() -> None:
    notes: list[str] = []
    layers = [
        Middleware(Noted, "outer", notes),
        Middleware(OnlyHeaders),
        Middleware(Noted, "inner", notes),
    ]
    app = stack(respond, layers)

    start, body = await call(app)

    assert isinstance(app, ObserverMiddleware)
    assert app._app is respond
    assert notes == [
        *("outer request 500", "inner request 500"),
        *("inner response 201", "outer response 201"),
        *("inner end 201", "outer end 201"),
    ]
    assert [name for name, _ in start["headers"]] == [b"inner", b"only", b"outer"]
    assert body == BODY


async def test_another_middleware_between_observers_keeps_its_place() -> None:
    notes: list[str] = []
    layers = [
        Middleware(Noted, "outer", notes),
        Middleware(Between, notes),
        Middleware(Noted, "inner", notes),
    ]

    await call(stack(respond, layers))

    assert notes[:3] == ["outer request 500", "between", "inner request 500"]
    assert notes[3:] == [
        *("inner response 201", "outer response 201", "inner end 201", "outer end 201"),
    ]


async def test_the_own_call_of_a_subclass_is_not_skipped() -> None:
    notes: list[str] = []
    layers = [Middleware(Noted, "outer", notes), Middleware(Overriding, "inner", notes)]

    await call(stack(respond, layers))

    assert notes[:3] == ["outer request 500", "called", "inner request 500"]


async def test_an_exchange_that_fails_ends_with_status_500() -> None:
    notes: list[str] = []

    with pytest.raises(ArithmeticError):
        await call(stack(fail, [Middleware(Noted, "outer", notes)]))

    assert notes == ["outer request 500", "outer end 500"]


async def test_only_http_is_observed() -> None:
    notes: list[str] = []

    await call(stack(respond, [Middleware(Noted, "outer", notes)]), {"type": "lifespan"})

    assert notes == []


class Failing(ObserverMiddleware):
    """An observer with a step that fails."""

    def __init__(self, app: ASGIApp, step: str) -> None:
        super().__init__(app)
        self._step = step

    def on_request(self, exchange: Exchange) -> None:
        if self._step == "on_request":
            raise ArithmeticError(exchange)

    def on_end(self, exchange: Exchange) -> None:
        if self._step == "on_end":
            raise ArithmeticError(exchange)


@pytest.mark.parametrize(
    ("step", "ended"),
    [("on_request", ["outer end 500"]), ("on_end", ["inner end 201", "outer end 201"])],
)
async def test_a_failing_step_takes_no_end_from_the_others(step: str, ended: list[str]) -> None:
    """Otherwise, a failed request would stay in progress for the metrics."""
    notes: list[str] = []
    layers = [
        Middleware(Noted, "outer", notes),
        Middleware(Failing, step),
        Middleware(Noted, "inner", notes),
    ]

    with pytest.raises(ArithmeticError):
        await call(stack(respond, layers))

    assert [note for note in notes if "end" in note] == ended
