"""The job of GitLab that the how-to adds, run with replacements for its commands."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.documented_commands import SIGNING, blocks
from tests.support.processes import run
from tests.support.recorded_commands import record
from tests.support.services import Render

pytestmark = pytest.mark.renders

DIGEST = f"sha256:{'ab' * 32}"


@pytest.fixture
def gitlab(render: Render, tmp_path: Path) -> Any:  # noqa: ANN401 - YAML has no type
    """Return the pipeline of GitLab with the changes of the how-to."""
    pipeline = yaml.safe_load((render(ci="gitlab") / ".gitlab-ci.yml").read_text())
    for block in blocks(SIGNING, "yaml"):
        pipeline |= yaml.safe_load(block)
    (tmp_path / ".gitlab-ci.yml").write_text(yaml.safe_dump(pipeline))
    run("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", ".gitlab-ci.yml", cwd=tmp_path)
    return pipeline


def test_the_gitlab_job_of_the_how_to_pushes_the_image_and_signs_its_digest(
    gitlab: Any,  # noqa: ANN401
    tmp_path: Path,
) -> None:
    of_gitlab = {
        "CI_COMMIT_SHA": "c0ffee",
        "CI_COMMIT_TAG": "v1.2.0",
        "CI_REGISTRY": "registry.example.com",
        "CI_REGISTRY_IMAGE": "registry.example.com/acme/shop",
        "CI_REGISTRY_PASSWORD": "secret",
        "CI_REGISTRY_USER": "ada",
        "PUSHED": f"registry.example.com/acme/shop@{DIGEST}",
    }
    job, image = gitlab["publish-image"], "registry.example.com/acme/shop"

    said = record("gitlab", "\n".join(job["script"]), tmp_path, **of_gitlab)

    assert [each for each in said if "inspect" not in each] == [
        "apk add --no-cache cosign",
        "docker login registry.example.com --username ada --password-stdin",
        "  input: secret",
        f"docker build --build-arg REVISION=c0ffee --tag {image}:1.2.0 .",
        f"docker run --rm {image}:1.2.0 cat sbom.cdx.json",
        f"docker push {image}:1.2.0",
        f"cosign sign --yes {image}@{DIGEST}",
        f"cosign attest --yes --type cyclonedx --predicate sbom.cdx.json {image}@{DIGEST}",
    ]
    assert job["id_tokens"] == {"SIGSTORE_ID_TOKEN": {"aud": "sigstore"}}
    assert {"if": "$CI_COMMIT_TAG"} in gitlab["workflow"]["rules"]


def test_the_gitlab_job_of_the_how_to_keeps_the_other_rules_and_runs_after_the_checks(
    render: Render,
    gitlab: Any,  # noqa: ANN401
) -> None:
    rendered = yaml.safe_load((render(ci="gitlab") / ".gitlab-ci.yml").read_text())

    assert gitlab["workflow"]["rules"][:-1] == rendered["workflow"]["rules"]
    # `deploy` is the third default stage; jobs without a stage are in the second, `test`.
    assert gitlab["publish-image"]["stage"] == "deploy"
    assert "stages" not in gitlab
    assert {job.get("stage") for job in rendered.values() if "script" in job} == {None}
