"""API documentation in the browser, from files that the service contains."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import (
    get_redoc_html,
    get_swagger_ui_html,
    get_swagger_ui_oauth2_redirect_html,
)
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

DOCS_URL = "/api/docs"
OPENAPI_URL = "/api/v1/openapi.json"
STATIC_URL = f"{DOCS_URL}-static"
REDIRECT_URL = f"{DOCS_URL}/oauth2-redirect"
FAVICON_URL = f"{STATIC_URL}/favicon.png"
# Allows the inline scripts of the pages, and forbids files from other origins.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'"
)

# ReDoc loads its logo from another host, and no option prevents it.
REDOC = "redoc.standalone.js"
REDOC_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
NO_LOGO = b"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>"

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


class CachedStaticFiles(StaticFiles):
    """Serves large files. Browsers cache ReDoc's script for an hour, and revalidate other files."""

    def file_response(self, full_path: Any, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401
        """Return the file, or 304 if it has not changed; remove the logo from ReDoc's script."""
        if Path(full_path).name == REDOC:
            headers = {"Cache-Control": "public, max-age=3600"}
            return Response(_read_redoc(full_path), headers=headers, media_type="text/javascript")
        response = super().file_response(full_path, *args, **kwargs)
        response.headers["Cache-Control"] = "public, no-cache"
        return response


def add_docs(app: FastAPI) -> None:
    """Serve Swagger UI and ReDoc from local files, without internet or third-party scripts."""
    # The package is used only for its files.
    app.mount(STATIC_URL, CachedStaticFiles(packages=[("fastapi_offline", "static")]))
    app.include_router(router)


@router.get("/")
@router.get("/docs")
async def find_docs() -> RedirectResponse:
    """Redirect from the paths at which developers often expect the documentation."""
    return RedirectResponse(DOCS_URL)


@router.get(DOCS_URL)
async def swagger_ui(request: Request) -> HTMLResponse:
    """Show the operations in Swagger UI, where they can be tried."""
    root_path = request.scope["root_path"]
    page = get_swagger_ui_html(
        openapi_url=root_path + OPENAPI_URL,
        title=request.app.title,
        oauth2_redirect_url=root_path + REDIRECT_URL,
        swagger_js_url=f"{root_path}{STATIC_URL}/swagger-ui-bundle.js",
        swagger_css_url=f"{root_path}{STATIC_URL}/swagger-ui.css",
        swagger_favicon_url=root_path + FAVICON_URL,
    )
    return _with_policy(page)


@router.get(REDIRECT_URL)
async def oauth2_redirect() -> HTMLResponse:
    """Complete an OAuth 2.0 login of Swagger UI at another server."""
    return _with_policy(get_swagger_ui_oauth2_redirect_html())


@router.get("/api/redoc")
async def redoc(request: Request) -> HTMLResponse:
    """Show the operations in ReDoc."""
    root_path = request.scope["root_path"]
    page = get_redoc_html(
        openapi_url=root_path + OPENAPI_URL,
        title=request.app.title,
        redoc_js_url=f"{root_path}{STATIC_URL}/{REDOC}",
        redoc_favicon_url=root_path + FAVICON_URL,
        with_google_fonts=False,
    )
    return _with_policy(page)


@cache
def _read_redoc(path: str) -> bytes:
    """Return the script of ReDoc without its logo."""
    return Path(path).read_bytes().replace(REDOC_LOGO, NO_LOGO)


def _with_policy(page: HTMLResponse) -> HTMLResponse:
    page.headers["Content-Security-Policy"] = POLICY
    return page
