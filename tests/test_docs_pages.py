"""The API documentation pages in a browser."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import HOST, find_browser, new_page
from tests.support.services import Install, free_port
from tests.support.started_service import serving

# The last elements that each page shows, as conditions in JavaScript.
SHOWN = {
    "/api/docs": "document.querySelectorAll('.opblock').length > 5",
    "/api/redoc": "document.querySelector('a[href*=redocly]')",
}
pytestmark = pytest.mark.xdist_group("pyjwt-pwdlib")


@pytest.fixture(scope="module")
def browser() -> str:
    """Return a browser. A developer's machine may have none; in CI, its absence is an error."""
    found = find_browser()
    if found is None and not os.environ.get("CI"):
        pytest.skip("Chromium is not installed.")
    assert found, "CI must install Chromium."
    return found


@pytest.fixture(scope="module", params=["", "/shop"], ids=["no root path", "a root path"])
def url(
    request: pytest.FixtureRequest, install: Install, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Return the URL of a service in the local environment, whose host is not `localhost`."""
    service, root_path, port = install(), str(request.param), free_port()
    settings = {
        "BIND": f"127.0.0.1:{port}",
        "METRICS_PORT": "0",
        "ENVIRONMENT": "local",
        "ROOT_PATH": root_path,
        **service.environment,
    }
    with serving(service.folder, tmp_path_factory.mktemp("log") / "log", settings):
        yield f"http://{HOST}:{port}{root_path}"


@pytest.mark.parametrize("page", SHOWN)
def test_a_docs_page_requests_no_other_origin_and_logs_no_error(
    url: str, browser: str, tmp_path: Path, page: str
) -> None:
    with new_page(browser, tmp_path) as shown:
        shown.open(url + page, SHOWN[page])

    assert f"{url}/api/v1/openapi.json" in shown.requested
    inline = ("data:", "blob:", f"{url}/api/")
    assert [each for each in shown.requested if not each.startswith(inline)] == []
    assert shown.errors == []
