"""The outgoing connections that the Kubernetes manifests allow."""

import json
import shutil
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]
import pytest

from tests.support.documented_commands import KUBERNETES, blocks
from tests.support.kubernetes import NEWEST, Resource, build, component, one
from tests.support.services import Service

# These tests share the environment of the services with these libraries.
pytestmark = pytest.mark.xdist_group("pyjwt-pwdlib")


def test_every_outgoing_connection_is_to_named_destinations(overlay: list[Resource]) -> None:
    """CFG-05"""
    allowed = [
        (component(policy), port["port"], destination)
        for policy in overlay
        if policy["kind"] == "NetworkPolicy"
        for rule in policy["spec"].get("egress", [])
        for port in rule["ports"]
        for destination in rule["to"]
    ]

    assert {(part, port) for part, port, _ in allowed} == {("", 53), ("", 5432), ("service", 6379)}
    assert [each for each in allowed if each[2] in ({}, {"namespaceSelector": {}})] == []
    assert "0.0.0.0/0" not in json.dumps(allowed)


def test_the_how_to_allows_https_to_public_addresses(
    kubectl: Path, deployed: Service, tmp_path: Path
) -> None:
    (patch,) = [block for block in blocks(KUBERNETES, "yaml") if block.startswith("patches:")]
    shutil.copytree(deployed.folder / "kubernetes", tmp_path / "kubernetes")
    with (tmp_path / "kubernetes/overlays/production/kustomization.yaml").open("a") as overlay:
        overlay.write(patch)

    resources = build(kubectl, tmp_path, "production")
    policy = one(resources, "NetworkPolicy", "service")
    kubernetes_validate.validate(policy, NEWEST, strict=True)
    assert [rule["ports"][0]["port"] for rule in policy["spec"]["egress"]] == [6379, 443]
