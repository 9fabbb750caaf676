"""The checks and the tests of every service whose Python files differ."""

import ast
import json
import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from _pytest.mark import ParameterSet

from tests.support.services import Install, Service
from tests.support.variants import DEFAULT, EVERY_OPTION, OTHER_SERVICES, ROOT, Answers, name


def parameter(answers: Answers, *marks: pytest.MarkDecorator) -> ParameterSet:
    """Return a parameter for a service; one pytest worker runs all tests of its environment."""
    group = pytest.mark.xdist_group(answers["auth_stack"])
    return pytest.param(answers, id=name(answers), marks=[group, *marks])


PARAMETERS = [
    parameter(DEFAULT, pytest.mark.services),
    parameter(EVERY_OPTION, pytest.mark.services),
    *map(parameter, OTHER_SERVICES),
]


@pytest.fixture(scope="module", params=PARAMETERS)
def answers(request: pytest.FixtureRequest) -> Answers:
    """Return the answers of a service; its tests all run before those of the next service."""
    chosen: Answers = request.param
    return chosen


@pytest.fixture(scope="module")
def service(answers: Answers, install: Install) -> Service:
    """Return an installed service."""
    return install(**answers)


def is_traced(answers: Answers) -> bool:
    """Return whether to measure coverage, which is slow: with the most or fewest features."""
    options = [answers["jobs"] != "none", answers["telemetry"] != "none", answers["example"]]
    return all(options) or not any(options)


def defined_tests(folder: Path) -> set[str]:
    """Return every test function that the files below `folder` define, by module and name."""
    return {
        ".".join([*path.relative_to(folder.parent).with_suffix("").parts, node.name])
        for path in folder.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.name.startswith("test_")
    }


@pytest.mark.install
@pytest.mark.parametrize("answers", [DEFAULT, EVERY_OPTION], ids=name)
def test_a_service_can_be_installed(install: Install, answers: Answers) -> None:
    assert "migrate" in install(**answers).run("app", "--help")


def test_a_service_passes_its_own_checks(service: Service) -> None:
    service.run("poe", "lock")
    service.run("poe", "lint")
    service.run("poe", "types")


def test_installed_packages_cannot_be_used_as_project_slug(service: Service) -> None:
    lock = tomllib.loads((service.folder / "uv.lock").read_text("utf-8"))
    validator = (ROOT / "includes/validators/project_slug.jinja").read_text("utf-8")

    others = {package["name"] for package in lock["package"] if "registry" in package["source"]}
    assert others
    assert [name for name in sorted(others) if f"'{name}'" not in validator] == []


def test_the_sbom_lists_all_production_dependencies(
    service: Service,
) -> None:
    """CFG-07"""
    service.run("poe", "sbom")

    bill = json.loads((service.folder / "sbom.cdx.json").read_text("utf-8"))
    lock = tomllib.loads((service.folder / "uv.lock").read_text("utf-8"))
    locked = {(package["name"], package["version"]) for package in lock["package"]}
    listed = {(component["name"], component["version"]) for component in bill["components"]}
    project = tomllib.loads((service.folder / "pyproject.toml").read_text("utf-8"))["project"]
    direct = {re.split(r"[^a-z0-9-]", wanted)[0] for wanted in project["dependencies"]}
    assert bill["bomFormat"] == "CycloneDX"
    assert listed <= locked
    assert direct <= {name for name, _ in listed}
    assert "pytest" not in {name for name, _ in listed}


def test_a_service_passes_all_its_tests_and_skips_none(service: Service, answers: Answers) -> None:
    service.run("poe", "coverage" if is_traced(answers) else "test", "--junitxml=report.xml")

    cases = [*ET.parse(service.folder / "report.xml").iter("testcase")]  # noqa: S314, our own
    assert [case.attrib for case in cases if case.find("skipped") is not None] == []
    ran = {f"{case.attrib['classname']}.{case.attrib['name'].partition('[')[0]}" for case in cases}
    assert ran == defined_tests(service.folder / "tests")
