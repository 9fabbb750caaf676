"""Logs, the audit log, metrics and traces.

Use `structlog.get_logger` for logs, and `audit_log.record` for security events.
Names of events and metrics are public: dashboards and alerts use them.
"""
