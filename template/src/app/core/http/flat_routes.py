"""Routes that belong to the application directly, and not to routers within routers.

FastAPI matches a path at each level of included routers, and twice at most levels.
"""

from copy import copy
from typing import Any

import fastapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute


class FlatRouter(fastapi.APIRouter):
    """A router whose routes an `Application` can take over."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - the options of FastAPI's router
        super().__init__(**options)
        # FastAPI applies the limits of forms when it enters a router.
        self.is_flat = not self.form_limits

    def include_router(self, router: fastapi.APIRouter, **options: Any) -> None:  # noqa: ANN401
        super().include_router(router, **options)
        has_flat = isinstance(router, FlatRouter) and router.is_flat
        self.is_flat = self.is_flat and has_flat and not options.get("form_limits")

    def frontend(self, path: str, **options: Any) -> None:  # noqa: ANN401
        super().frontend(path, **options)
        self.is_flat = False  # these paths are matched after all others


class Application(fastapi.FastAPI):
    """A FastAPI application that takes over the routes of the routers that it includes.

    A router stays nested if it or a router in it has form limits, WebSockets, mounts or a frontend,
    or is FastAPI's own. Add all routes to a router before you include it.
    """

    def include_router(self, router: fastapi.APIRouter, **options: Any) -> None:  # noqa: ANN401
        super().include_router(router, **options)
        if isinstance(router, FlatRouter) and router.is_flat and not options.get("form_limits"):
            contexts = [*iter_route_contexts(self.router.routes[-1:])]
            if all(isinstance(each.original_route, APIRoute) for each in contexts):
                self.router.routes[-1:] = map(_flat, contexts)


def _flat(context: RouteContext) -> BaseRoute:
    """Return a route with the path, the dependencies and so on of all routers around it."""
    route = copy(context.original_route)
    for name in vars(route):
        setattr(route, name, getattr(context, name, getattr(route, name)))
    return route
