"""The Kubernetes manifests: schemas, privileges, references and deployment."""

import json
import os
import re
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from tests.support.documented_commands import DEPLOY, KUBERNETES, OVERLAY, RELEASE, SECRETS, blocks
from tests.support.kubernetes import (
    COMPONENT,
    NEWEST,
    OLDEST,
    Resource,
    component,
    container,
    one,
    pods,
)
from tests.support.processes import CommandFailedError, run
from tests.support.services import Service

# These tests share the environment of the services with these libraries.
pytestmark = pytest.mark.xdist_group("pyjwt-pwdlib")


@pytest.mark.parametrize("release", [OLDEST, NEWEST])
def test_resources_match_the_kubernetes_schemas(overlay: list[Resource], release: str) -> None:
    for resource in overlay:
        kubernetes_validate.validate(resource, release, strict=True)

    kinds = {(resource["kind"], component(resource)) for resource in overlay}
    assert kinds >= {
        ("ConfigMap", ""),
        ("Deployment", "service"),
        ("HorizontalPodAutoscaler", "service"),
        ("Job", "migration"),
        ("Namespace", ""),
        ("NetworkPolicy", ""),
        ("NetworkPolicy", "service"),
        ("PodDisruptionBudget", "service"),
        ("Service", "service"),
        ("ServiceAccount", ""),
    }


def test_a_misspelt_field_fails_schema_validation(production: list[Resource]) -> None:
    wrong = json.loads(json.dumps(one(production, "Deployment", "service")))
    container(wrong["spec"]["template"])["livenessProbe"]["httpGet"]["pth"] = "/health"

    with pytest.raises(kubernetes_validate.ValidationError, match="pth"):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)


def test_every_pod_is_restricted_and_has_no_service_account_token(overlay: list[Resource]) -> None:
    """CFG-05, REL-11"""
    enforced = one(overlay, "Namespace")["metadata"]["labels"]
    assert enforced == {"pod-security.kubernetes.io/enforce": "restricted"}
    assert one(overlay, "ServiceAccount")["automountServiceAccountToken"] is False
    for pod in pods(overlay):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] > 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container(pod)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        # The command of the image, or a program that runs without a shell.
        assert container(pod).get("command", ["app"])[0] in {"app", "python"}


def test_pods_run_as_the_user_of_the_image(deployed: Service, production: list[Resource]) -> None:
    """CFG-05"""
    dockerfile = (deployed.folder / "Dockerfile").read_text()
    [user] = re.findall(r"^USER (.*)$", dockerfile, re.M)

    contexts = [pod["spec"]["securityContext"] for pod in pods(production)]
    assert {f"{each['runAsUser']}:{each['runAsGroup']}" for each in contexts} == {user}


def test_selectors_match_the_labels_of_their_pods(overlay: list[Resource]) -> None:
    labels = one(overlay, "Deployment", "service")["spec"]["template"]["metadata"]["labels"]
    policy = one(overlay, "NetworkPolicy", "service")["spec"]["podSelector"]["matchLabels"]

    assert one(overlay, "Service", "service")["spec"]["selector"].items() <= labels.items()
    budget = one(overlay, "PodDisruptionBudget", "service")["spec"]["selector"]["matchLabels"]
    assert budget.items() <= labels.items()
    assert policy.items() <= labels.items()
    target = one(overlay, "HorizontalPodAutoscaler", "service")["spec"]["scaleTargetRef"]["name"]
    assert target == one(overlay, "Deployment", "service")["metadata"]["name"]
    everyone = one(overlay, "NetworkPolicy")["spec"]
    assert all(
        everyone["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
        for pod in pods(overlay)
    )
    assert "ingress" not in everyone


def test_only_prometheus_can_reach_the_metrics_port_of_deployments(overlay: list[Resource]) -> None:
    """OBS-08"""
    for deployment in (each for each in overlay if each["kind"] == "Deployment"):
        pod = deployment["spec"]["template"]
        ports = {port["name"]: port["containerPort"] for port in container(pod)["ports"]}
        assert pod["metadata"]["annotations"] == {
            "prometheus.io/scrape": "true",
            "prometheus.io/port": str(ports["metrics"]),
            "prometheus.io/path": "/metrics",
        }
        policy = one(overlay, "NetworkPolicy", component(deployment))["spec"]
        labels = pod["metadata"]["labels"]
        assert policy["podSelector"]["matchLabels"].items() <= labels.items()
        [rule] = [each for each in policy["ingress"] if each["ports"][0]["port"] == "metrics"]
        [prometheus] = rule["from"]
        namespace = {"kubernetes.io/metadata.name": "monitoring"}
        assert prometheus == {"namespaceSelector": {"matchLabels": namespace}}


def test_config_maps_and_secrets_that_pods_refer_to_exist(
    overlay: list[Resource], secret: dict[str, dict[str, str]]
) -> None:
    settings = one(overlay, "ConfigMap")["metadata"]["name"]
    for pod in pods(overlay):
        assert container(pod)["envFrom"] == [{"configMapRef": {"name": settings}}]
        for volume in pod["spec"]["volumes"]:
            if "secret" in volume:
                wanted = {item["key"] for item in volume["secret"].get("items", [])}
                assert wanted <= {*secret[volume["secret"]["secretName"]]}


def test_one_migration_job_completes_before_pods_are_updated(production: list[Resource]) -> None:
    """REL-10"""
    job = one(production, "Job", "migration")["spec"]
    assert (job["parallelism"], job["completions"]) == (1, 1)
    assert job["ttlSecondsAfterFinished"] > 0
    assert container(job["template"])["command"] == ["app", "migrate"]

    delete, first, wait, everything, _ = RELEASE.strip().split(" &&\n")
    name = one(production, "Job", "migration")["metadata"]["name"]
    assert f"delete job {name}" in delete
    assert f"job/{name}" in wait
    (held_back,) = re.findall(rf"--selector '{COMPONENT} notin \((.*)\)'", first)
    before = [each for each in production if component(each) not in held_back.split(", ")]
    kinds = {each["kind"] for each in before}
    assert kinds == {"ConfigMap", "Job", "Namespace", "NetworkPolicy", "ServiceAccount"}
    assert first.startswith(everything)


def test_the_documented_command_prints_the_production_manifests(
    kubectl: Path, deployed: Service, production: list[Resource]
) -> None:
    said = run("bash", "-c", OVERLAY, cwd=deployed.folder, PATH=f"{kubectl.parent}:{os.defpath}")

    assert [*yaml.safe_load_all(said)] == production


@pytest.mark.parametrize("command", [*SECRETS.splitlines(), *RELEASE.strip().split(" &&\n")])
def test_kubectl_parses_the_commands_that_need_a_cluster(
    kubectl: Path, deployed: Service, tmp_path: Path, command: str, port: int
) -> None:
    (tmp_path / ".env.service").write_text("A=1\n")
    (tmp_path / ".env.migration").write_text("A=1\n")
    (tmp_path / "kubernetes").symlink_to(deployed.folder / "kubernetes")
    nowhere = f"{command} --server http://127.0.0.1:{port}"

    with pytest.raises(CommandFailedError, match="refused"):
        run("bash", "-c", nowhere, cwd=tmp_path, PATH=f"{kubectl.parent}:{os.defpath}")


def test_the_kubernetes_how_to_contains_exactly_the_tested_commands() -> None:
    assert blocks(KUBERNETES, "bash") == DEPLOY


def test_the_documented_ingress_is_valid_and_names_the_service(production: list[Resource]) -> None:
    [text] = [block for block in blocks(KUBERNETES, "yaml") if "kind: Ingress" in block]
    ingress = yaml.safe_load(text)
    kubernetes_validate.validate(ingress, OLDEST, strict=True)

    service = one(production, "Service", "service")
    [rule] = ingress["spec"]["rules"]
    [path] = rule["http"]["paths"]
    assert path["backend"]["service"]["name"] == service["metadata"]["name"]
    assert path["backend"]["service"]["port"]["name"] == service["spec"]["ports"][0]["name"]
    assert path["path"] == "/shop"
