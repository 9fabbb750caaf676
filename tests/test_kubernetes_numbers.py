"""The numbers and settings in the manifests, compared with those of the service."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.kubernetes import Resource, container, one, pods
from tests.support.services import Service

# These tests share the environment of the services with these libraries.
pytestmark = pytest.mark.xdist_group("pyjwt-pwdlib")
HASH_MEBIBYTES = 19
# By default, PostgreSQL allows 100 connections and reserves three of them for superusers.
CONNECTIONS = 97


def test_the_pod_grace_period_exceeds_the_servers_graceful_timeout(
    production: list[Resource], facts: dict[str, Any]
) -> None:
    """REL-12"""
    spec = one(production, "Deployment", "service")["spec"]["template"]["spec"]
    (service,) = spec["containers"]
    wait = service["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert wait > 0
    assert spec["terminationGracePeriodSeconds"] >= wait + facts["graceful_timeout"] + 5


def test_probes_use_existing_paths_and_sufficient_timeouts(
    production: list[Resource], facts: dict[str, Any]
) -> None:
    """REL-12"""
    service = container(one(production, "Deployment", "service")["spec"]["template"])
    startup, liveness, readiness = (
        service[f"{name}Probe"] for name in ("startup", "liveness", "readiness")
    )
    ports = {port["name"]: port["containerPort"] for port in service["ports"]}

    paths = [probe["httpGet"]["path"] for probe in (startup, liveness, readiness)]
    assert paths == ["/health", "/health", "/ready"]
    assert {*paths} <= {*facts["paths"]}
    assert {probe["httpGet"]["port"] for probe in (startup, liveness, readiness)} == {"http"}
    assert facts["bind"] == [f"0.0.0.0:{ports['http']}"]
    assert readiness["timeoutSeconds"] > facts["ready_timeout"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 30
    assert liveness["periodSeconds"] * liveness["failureThreshold"] >= 30


def test_the_memory_limit_is_sufficient_while_all_workers_hash_passwords(
    production: list[Resource], facts: dict[str, Any]
) -> None:
    """REL-12"""
    resources = container(one(production, "Deployment", "service")["spec"]["template"])["resources"]
    hashing = facts["workers"] * facts["hashes"] * HASH_MEBIBYTES
    needed = (facts["workers"] + 1) * facts["mebibytes"] + hashing

    assert facts["workers"] == int(one(production, "ConfigMap")["data"]["WEB_CONCURRENCY"])
    assert resources["limits"]["memory"] == resources["requests"]["memory"]
    assert int(resources["limits"]["memory"].removesuffix("Mi")) >= needed


def test_the_database_has_enough_connections_for_the_maximum_number_of_pods(
    production: list[Resource], facts: dict[str, Any]
) -> None:
    """REL-12"""
    most = one(production, "HorizontalPodAutoscaler", "service")["spec"]["maxReplicas"]
    surge = one(production, "Deployment", "service")["spec"]["strategy"]["rollingUpdate"][
        "maxSurge"
    ]
    # One more pod is stopping, and the migration has two connections. A worker also has a listener.
    services = (most + surge + 1) * facts["workers"] * facts["pool"]
    workers = 2 * (facts["pool"] + 1) if len(pods(production)) > 2 else 0

    assert services + 2 + workers <= CONNECTIONS


def test_the_secret_contains_only_secret_settings_and_the_config_map_contains_none(
    overlay: list[Resource], facts: dict[str, Any], secret: dict[str, dict[str, str]]
) -> None:
    """CFG-02"""
    public = {name.lower() for name in one(overlay, "ConfigMap")["data"]} - {"web_concurrency"}

    assert {name: facts["settings"][name] for name in public} == dict.fromkeys(public, False)
    for values_of_one in secret.values():
        private = {name.lower() for name in values_of_one}
        assert {name: facts["settings"][name] for name in private} == dict.fromkeys(private, True)


def test_each_overlay_provides_valid_settings_for_the_service(
    deployed: Service, overlay: list[Resource], secret: dict[str, dict[str, str]]
) -> None:
    """CFG-01"""
    given = one(overlay, "ConfigMap")["data"] | secret["my-service"]
    checked = replace(deployed, environment=deployed.environment | given).run("app", "check")

    assert f"The settings are valid for {given['ENVIRONMENT']}." in checked


def test_production_provides_valid_settings_for_the_migration(
    deployed: Service, production: list[Resource], secret: dict[str, dict[str, str]]
) -> None:
    """CFG-01. Its only secret is the address of the database."""
    (pod,) = [pod for pod in pods(production) if container(pod)["name"] == "migration"]
    (mounted,) = [volume["secret"] for volume in pod["spec"]["volumes"] if "secret" in volume]
    of_migration = secret[mounted["secretName"]]
    files = {item["path"]: of_migration[item["key"]] for item in mounted["items"]}
    given = one(production, "ConfigMap")["data"] | files
    read = "from app.migration_settings import read_migration_settings as read; print(read())"
    told = replace(deployed, environment=deployed.environment | given).run("python", "-c", read)

    assert "environment='production'" in told
    assert [*files] == ["DATABASE_URL"]
    assert "my_service_migration:" in files["DATABASE_URL"]
    assert "env" not in container(pod)
