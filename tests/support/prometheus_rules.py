"""The queries of the alert rules and the dashboards."""

import json
import re
from pathlib import Path

import yaml

METRIC = re.compile(r"\b([a-z_]+)\{")


def expressions(project: Path, prefix: str = "") -> list[str]:
    """Return all expressions of the rules and the dashboard whose file names have the prefix."""
    folder = project / "monitoring"
    rules = yaml.safe_load((folder / f"{prefix}alerts.yaml").read_text("utf-8"))
    dashboard = json.loads((folder / f"{prefix}dashboard.json").read_text("utf-8"))
    return [
        *(rule["expr"] for group in rules["groups"] for rule in group["rules"]),
        *(target["expr"] for panel in dashboard["panels"] for target in panel["targets"]),
    ]


def names(expressions: list[str]) -> set[str]:
    """Return the names of all metrics in the expressions."""
    return {name for each in expressions for name in METRIC.findall(each)}
