"""What is measured, for Prometheus; `core/observability/metrics_server.py` hands it out."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

DURATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
# A caller may send any method; each that is told apart is a time series.
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class PoolMetrics:
    """What every process measures that has a pool of connections."""

    def __init__(self) -> None:
        # Of its own, so that one process may have many applications: tests do.
        self.registry = CollectorRegistry()
        self.pool_connections_max = self._gauge(
            "database_pool_connections_max", "Connections that the pools may hold."
        )
        self.pool_connections_in_use = self._gauge(
            "database_pool_connections_in_use", "Connections that something works with."
        )
        self.pool_wait = self._counter("database_pool_wait_seconds", "Waiting for a connection.")
        self.pool_timeouts = self._counter("database_pool_timeouts", "Waits that were given up.")

    def _counter(self, name: str, documentation: str, *labels: str) -> Counter:
        return Counter(name, documentation, labels, registry=self.registry)

    def _gauge(self, name: str, documentation: str, *labels: str) -> Gauge:
        return Gauge(
            name, documentation, labels, registry=self.registry, multiprocess_mode="livesum"
        )


class Metrics(PoolMetrics):
    """What one process measures; the metrics server adds the workers up."""

    def __init__(self) -> None:
        super().__init__()
        self.requests = self._counter(
            "http_requests", "Requests that were answered.", "method", "route", "status"
        )
        self.request_duration = Histogram(
            "http_request_duration_seconds",
            "From a request's head to the end of its answer.",
            ["method", "route"],
            buckets=DURATION_BUCKETS,
            registry=self.registry,
        )
        self.requests_in_progress = self._gauge("http_requests_in_progress", "Not answered yet.")
        self.rate_limit_storage_failures = self._counter(
            "rate_limit_storage_failures", "Hits that Redis did not count."
        )
        self.breached_password_failures = self._counter(
            "breached_password_failures", "New passwords that nobody could be asked about."
        )
        self._answered: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        known = method if method in METHODS else "other"
        key = (known, route, status)
        if key not in self._answered:
            self._answered[key] = (
                self.requests.labels(known, route, status),
                self.request_duration.labels(known, route),
            )
        requests, duration = self._answered[key]
        requests.inc()
        duration.observe(seconds)
