"""The metrics and the traces of a started service with two workers."""

import os
import re
import signal
import time
from collections.abc import Iterator

import promql_parser
import pytest
import requests

from tests.support.documented_commands import METRICS
from tests.support.processes import run
from tests.support.prometheus_rules import METRIC, expressions, names
from tests.support.services import Install, Render, free_port
from tests.support.started_service import STARTED, Started, serving, wait_for
from tests.support.trace_collector import Collector, collecting

STACK = "pyjwt-pwdlib"

# The pytest worker that tests this stack has already installed its environment.
pytestmark = pytest.mark.xdist_group(STACK)


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """Yield a trace collector that runs."""
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def started(
    install: Install, collector: Collector, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Started]:
    """Yield a started service, which sends its traces to the collector."""
    service = install(auth_stack=STACK, telemetry="opentelemetry")
    settings = {
        "BIND": f"127.0.0.1:{free_port()}",
        "METRICS_PORT": str(free_port()),
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
        "RATE_LIMIT_ENABLED": "false",
    }
    log = tmp_path_factory.mktemp("monitoring") / "log"
    with serving(service.folder, log, service.environment | settings) as started:
        yield started


@pytest.mark.parametrize(("prefix", "job"), [("", "my-service"), ("jobs-", "my-service-worker")])
def test_every_expression_is_valid_promql_and_selects_only_this_service(
    render: Render, prefix: str, job: str
) -> None:
    for expression in expressions(render(jobs="postgres"), prefix):
        promql_parser.parse(expression.replace("$__rate_interval", "5m"))

        selectors = re.findall(r"\{([^}]*)\}", expression)
        assert len(selectors) == len(METRIC.findall(expression)) > 0
        assert all(selector.startswith(f'job="{job}"') for selector in selectors)


def test_rules_and_dashboard_use_only_exposed_metrics(started: Started, render: Render) -> None:
    started.get("/health")
    wait_for(lambda: "route=" in str(started.scrape()), "No request is counted.")
    exposed = {sample.split()[0] for sample in started.scrape()}

    named = names(expressions(render()))
    assert len(named) > 5
    assert named - exposed == set()


def test_counters_remain_exact_when_workers_are_killed_and_replaced(started: Started) -> None:
    """OBS-08"""
    total = 'http_requests_total method="GET",route="/health",status="200"'
    observed = 'http_request_duration_seconds_count method="GET",route="/health"'
    before = started.scrape().get(total, 0)  # each test waits for its own requests
    ask_often(started, "/health")
    # A request is counted after its response has been sent.
    wait_for(lambda: started.scrape()[total] >= before + 40, "Not all are counted.")
    assert started.scrape()[total] == started.scrape()[observed] == before + 40

    os.kill(started.pid("Booting worker"), signal.SIGKILL)
    wait_for(lambda: started.says(STARTED, 3), "No worker replaced the one that was killed.")
    os.kill(started.pid("Listening at"), signal.SIGHUP)
    wait_for(lambda: started.says("Finished server process", 2), "No worker ended.")
    wait_for(
        lambda: started.scrape()["database_pool_connections_max "] == 20,
        "Dead workers are counted.",
    )
    ask_often(started, "/health")

    wait_for(lambda: started.scrape()[total] >= before + 80, "Not all are counted.")
    assert started.scrape()[total] == started.scrape()[observed] == before + 80


def ask_often(started: Started, path: str) -> None:
    """Send 40 requests, which any worker may serve."""
    assert [started.get(path) for _ in range(40)] == [200] * 40


def test_metrics_are_served_as_documented_but_not_on_the_public_port(started: Started) -> None:
    """OBS-08"""
    command = METRICS.replace(":9090", f":{started.metrics_port}")
    started.get("/ready")
    wait_for(lambda: "route=" in str(started.scrape()), "No request is counted.")

    assert "http_requests_total{" in run("sh", "-ec", command, cwd=started.log.parent)
    assert started.get("/metrics") == 404


def test_traces_contain_no_secrets_and_an_unresponsive_collector_delays_no_request(
    started: Started, collector: Collector
) -> None:
    """OBS-05. The service also stops in time if the collector does not respond."""
    sign_in = {"username": "ada@example.com", "password": "unguessable"}
    url = f"http://127.0.0.1:{started.port}/api/v1/auth/token?code=unguessable"
    assert requests.post(url, sign_in, timeout=10).status_code == 400
    wait_for(lambda: b"POST /api/v1/auth/token" in collector.received, "No trace came.")

    assert b"users.hashed_password" in collector.received  # a column of the statement
    assert b"my-service" in collector.received
    assert b"unguessable" not in collector.received
    assert b"ada@example.com" not in collector.received

    collector.answers.clear()
    began = time.monotonic()
    assert [started.get("/api/v1/users/me") for _ in range(5)] == [401] * 5
    assert time.monotonic() - began < 5
