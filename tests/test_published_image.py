"""The pipelines that publish and sign the image, run with replacements for their commands."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.documented_commands import VERIFY
from tests.support.processes import CommandFailedError
from tests.support.recorded_commands import record
from tests.support.services import Render

pytestmark = pytest.mark.renders

DIGEST = f"sha256:{'ab' * 32}"
OF_GITHUB = {
    "GITHUB_ACTOR": "ada",
    "GITHUB_REF_NAME": "v1.2.0",
    "GITHUB_REPOSITORY": "Acme/Shop",
    "GITHUB_SHA": "c0ffee",
}


def workflow(project: Path, name: str) -> Any:  # noqa: ANN401 - YAML has no type
    """Return a workflow of GitHub."""
    return yaml.safe_load((project / f".github/workflows/{name}.yml").read_text())


def steps(project: Path) -> dict[str, Any]:
    """Return the named steps of the job that publishes."""
    found = workflow(project, "publish-image")["jobs"]["image"]["steps"]
    return {step["name"]: step for step in found if "name" in step}


def test_nothing_is_published_unless_a_variable_of_the_repository_asks_for_it(
    default: Path,
) -> None:
    jobs = workflow(default, "publish-image")["jobs"]

    assert jobs["ci"]["if"] == "${{ vars.PUBLISH_IMAGE == 'true' }}"
    assert jobs["image"]["needs"] == "ci"  # a job that needs a skipped one is skipped
    assert "if" not in jobs["image"]


@pytest.mark.parametrize(
    ("folder", "name"),
    [("", "ghcr.io/acme/shop"), ("services/Orders", "ghcr.io/acme/shop/services/orders")],
)
def test_a_tag_publishes_the_image_under_the_name_of_the_repository_and_the_folder(
    default: Path, tmp_path: Path, folder: str, name: str
) -> None:
    output, place = tmp_path / "output", tmp_path / "workspace" / folder
    place.mkdir(parents=True)
    of_github = {
        **OF_GITHUB,
        "GITHUB_OUTPUT": str(output),
        "GITHUB_WORKSPACE": str(tmp_path / "workspace"),
        "RUNNER_TEMP": str(tmp_path),
    }
    build, push = (steps(default)[each] for each in ("Build", "Push"))
    token = {"IMAGE": f"{name}:1.2.0", "TOKEN": "secret", "PUSHED": f"{name}@{DIGEST}"}

    assert record("github", build["run"], place, **of_github) == [
        f"docker build --build-arg REVISION=c0ffee --tag {name}:1.2.0 .",
        f"docker run --rm {name}:1.2.0 cat sbom.cdx.json",
    ]
    assert record("github", push["run"], place, **of_github, **token)[:3] == [
        "docker login ghcr.io --username ada --password-stdin",
        "  input: secret",
        f"docker push {name}:1.2.0",
    ]
    outputs = [f"name={name}", f"image={name}:1.2.0", f"digest={DIGEST}"]
    assert output.read_text().split() == outputs
    assert json.loads((tmp_path / "sbom.cdx.json").read_text()) == {"bomFormat": "CycloneDX"}


def test_the_job_fails_if_the_registry_gives_the_image_no_digest(
    default: Path, tmp_path: Path
) -> None:
    of_github = OF_GITHUB | {"GITHUB_OUTPUT": str(tmp_path / "output")}
    token = {"IMAGE": "ghcr.io/acme/shop:1", "TOKEN": "secret", "PUSHED": "other@sha256:1"}

    with pytest.raises(CommandFailedError):
        record("github", steps(default)["Push"]["run"], tmp_path, **of_github, **token)
    assert not (tmp_path / "output").exists()


def test_the_pushed_digest_is_attested_with_its_build_and_its_bill_of_materials(
    default: Path,
) -> None:
    build, bill = (steps(default)[f"Attest the {each}"] for each in ("build", "bill of materials"))

    for step in (build, bill):
        assert re.fullmatch(r"actions/attest@[0-9a-f]{40}", step["uses"])
        assert step["with"]["subject-name"] == "${{ steps.build.outputs.name }}"
        assert step["with"]["subject-digest"] == "${{ steps.push.outputs.digest }}"
        assert step["with"]["push-to-registry"] is True
    assert steps(default)["Push"]["env"]["IMAGE"] == "${{ steps.build.outputs.image }}"
    # The action attests a build unless it gets a bill of materials.
    assert "sbom-path" not in build["with"]
    assert bill["with"]["sbom-path"] == "${{ runner.temp }}/sbom.cdx.json"


def test_each_action_is_pinned_to_a_commit_with_the_same_version_in_all_workflows(
    default: Path,
) -> None:
    text = "".join(path.read_text() for path in (default / ".github/workflows").glob("*.yml"))
    remote = [each for each in re.findall(r"uses: (.*)$", text, re.M) if not each.startswith("$/")]
    pins = {re.fullmatch(r"([\w/-]+)@[0-9a-f]{40} # v[\d.]+", each) for each in remote}

    assert None not in pins
    assert len({*remote}) == len({pin[1] for pin in pins if pin}) == 3


def test_an_image_is_published_only_after_the_checks_and_with_the_fewest_permissions(
    default: Path,
) -> None:
    publishing, called = workflow(default, "publish-image"), workflow(default, "ci")
    ci, image = publishing["jobs"]["ci"], publishing["jobs"]["image"]
    asked = [job["permissions"].items() for job in called["jobs"].values()]

    assert publishing[True] == {"push": {"tags": ["v*"]}}
    assert image["needs"] == "ci"
    assert ci["uses"] == "$/.github/workflows/ci.yml"
    assert "workflow_call" in called[True]
    assert publishing["permissions"] == {}
    # GitHub refuses to start a workflow whose called jobs ask for more permissions.
    assert [items for items in asked if not items <= ci["permissions"].items()] == []
    assert image["permissions"] == {
        "contents": "read",
        "packages": "write",
        "id-token": "write",
        "attestations": "write",
    }
    # With the same group, the called workflow would wait for the end of its caller.
    assert publishing["concurrency"]["group"] != called["concurrency"]["group"]


@pytest.mark.parametrize("block", VERIFY, ids=["github", "gitlab"])
def test_the_commands_that_verify_name_the_published_image_and_its_pipeline(
    render: Render, tmp_path: Path, block: str
) -> None:
    ci = "github" if "gh attestation" in block else "gitlab"
    signers = {
        "github": "--signer-workflow OWNER/REPOSITORY/.github/workflows/publish-image.yml",
        "gitlab": "--certificate-identity https://gitlab.com/GROUP/PROJECT//.gitlab-ci.yml@refs/",
    }

    verified = [each for each in record(ci, block, tmp_path) if "verify" in each]

    assert len(verified) == 2
    assert [each for each in verified if signers[ci] not in each] == []
    assert ("cyclonedx" in verified[0], "cyclonedx" in verified[1]) == (False, True)
    assert (render(ci=ci) / ".github/workflows/publish-image.yml").exists() == (ci == "github")
    (readme,) = [each for each in verified if "cyclonedx" not in each]
    on_one_line = (render(ci=ci) / "README.md").read_text().replace("\\\n    ", "")
    assert (readme in on_one_line) == (ci == "github")


@pytest.mark.parametrize("ci", ["github", "gitlab", "none"])
def test_the_page_about_signing_describes_only_the_chosen_pipeline(render: Render, ci: str) -> None:
    page = render(ci=ci) / "docs/service/how-to/sign-the-image.md"
    text = page.read_text() if page.exists() else ""

    assert ("publish-image.yml" in text, "cosign sign" in text) == (ci == "github", ci == "gitlab")
    assert "not execute" in text or ci == "none"
