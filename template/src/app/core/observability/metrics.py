"""The metrics of the service for Prometheus; `metrics_server` serves them."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

DURATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
# All other methods share one label value: clients may send any text, and each value of a label
# creates a time series.
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class PoolMetrics:
    """The metrics of every process that has a connection pool."""

    def __init__(self) -> None:
        # A registry per instance, so that one process may have many applications, as in tests.
        self.registry = CollectorRegistry()
        self.pool_connections_max = self._gauge(
            "database_pool_connections_max", "Maximum number of connections in the pools."
        )
        self.pool_connections_in_use = self._gauge(
            "database_pool_connections_in_use", "Connections that are checked out of the pools."
        )
        self.pool_wait = self._counter(
            "database_pool_wait_seconds", "Total time spent waiting for a connection."
        )
        self.pool_timeouts = self._counter(
            "database_pool_timeouts", "Requests for a connection that timed out."
        )

    def _counter(self, name: str, documentation: str, *labels: str) -> Counter:
        return Counter(name, documentation, labels, registry=self.registry)

    def _gauge(self, name: str, documentation: str, *labels: str) -> Gauge:
        return Gauge(
            name, documentation, labels, registry=self.registry, multiprocess_mode="livesum"
        )


class Metrics(PoolMetrics):
    """The metrics of one process. The metrics server adds up the metrics of all workers."""

    def __init__(self) -> None:
        super().__init__()
        self.requests = self._counter(
            "http_requests", "Requests that were answered.", "method", "route", "status"
        )
        self.request_duration = Histogram(
            "http_request_duration_seconds",
            "Time from the head of a request to the end of its response.",
            ["method", "route"],
            buckets=DURATION_BUCKETS,
            registry=self.registry,
        )
        self.requests_in_progress = self._gauge(
            "http_requests_in_progress", "Requests that are being processed."
        )
        self.rate_limit_storage_failures = self._counter(
            "rate_limit_storage_failures", "Hits that could not be counted in Redis."
        )
        self.breached_password_failures = self._counter(
            "breached_password_failures", "New passwords that could not be checked for breaches."
        )
        self._answered: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request, and record its duration."""
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
