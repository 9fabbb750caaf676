"""The metrics server, which adds up the metrics of all workers."""

import socket
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from prometheus_client import values

from app.core.observability import metrics_server
from app.core.observability.metrics import Metrics
from app.core.observability.metrics_server import FOLDER, MetricsServer


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MetricsServer:
    """A metrics server that has not started, and shares a folder with workers."""
    monkeypatch.setenv(FOLDER, "")
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    server = MetricsServer()
    server.share(tmp_path)
    return server


def test_only_folders_of_killed_servers_are_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, "")
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    monkeypatch.setattr(metrics_server, "serve", lambda _port, _registry: MagicMock())
    monkeypatch.setattr("os.register_at_fork", lambda **_: None)
    killed, foreign, running = (tmp_path / f"metrics-{name}" for name in "abc")
    for folder in (killed, foreign, running):
        folder.mkdir()
    (killed / "lock").touch()
    with metrics_server._lock(running):
        server = MetricsServer()
        server.start(9090, str(tmp_path))

        assert {running, foreign} < {*tmp_path.iterdir()}
        assert len([*tmp_path.iterdir()]) == 3

    server.close()


def work(monkeypatch: pytest.MonkeyPatch, pid: int) -> None:
    """Write the metrics of a worker that has served one request and is processing another."""
    multiprocess_value = values.MultiProcessValue(lambda: pid)
    monkeypatch.setattr(values, "ValueClass", multiprocess_value)
    metrics = Metrics()
    metrics.count_request("GET", "/health", 200, 0.02)
    metrics.requests_in_progress.inc()
    multiprocess_value.close_all_files()


def sums(server: MetricsServer) -> dict[str, float]:
    """Return the samples of a scrape, but only two of the histogram buckets."""
    return {
        sample.name + sample.labels.get("le", ""): sample.value
        for metric in server.collect()
        for sample in metric.samples
        if sample.labels.get("le") in {None, "0.01", "0.025"}
    }


def test_the_counters_of_dead_workers_are_merged_and_their_files_deleted(
    server: MetricsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pid in (1001, 1002, 1003):
        work(monkeypatch, pid)
    before = sums(server)

    for pid in (1001, 1002):
        server.merge_dead_worker(pid)

    after = sums(server)
    assert before["http_requests_in_progress"] == 3
    assert after["http_requests_in_progress"] == 1
    counted = {name: value for name, value in before.items() if "connections" not in name}
    assert after.items() >= (counted | {"http_requests_in_progress": 1}).items()
    assert after["http_requests_total"] == 3
    assert after["http_request_duration_seconds_bucket0.01"] == 0
    assert after["http_request_duration_seconds_bucket0.025"] == 3
    assert after["http_request_duration_seconds_sum"] == pytest.approx(0.06)
    assert {path.name.split("_")[-1] for path in tmp_path.iterdir()} == {"0.db", "1003.db"}

    server.close()
    assert not tmp_path.exists()


def test_a_metrics_server_port_in_use_causes_a_one_line_error() -> None:
    with (
        socket.create_server(("0.0.0.0", 0)) as taken,  # noqa: S104
        pytest.raises(SystemExit, match=r"METRICS_PORT \d+ cannot be used: Address already in use"),
    ):
        MetricsServer().start(taken.getsockname()[1])


def test_port_0_disables_the_metrics_server() -> None:
    server = MetricsServer()

    server.start(0)
    server.merge_dead_worker(1001)
    server.close()

    assert [metric.name for metric in server.collect()] == ["service_info"]
