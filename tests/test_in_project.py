"""Runs the tests of the platform in rendered projects.

Each project runs the tests of the parts that it has. Only the project with every option runs the
modules outside the folders and those in `dev`, which start and kill many processes, or wait for the
timeouts of slow clients.
"""

import ast
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.services import Install, Service
from tests.support.variants import ROOT, SERVICES, Answer, Answers, name, values

TESTS = ROOT / "tests/in_project"
# The tests of the files that an answer leaves out.
LEFT_OUT: dict[tuple[str, Answer], str] = {
    ("example", False): "*/test_item_*.py",
    ("jobs", "none"): "jobs",
    ("telemetry", "none"): "core/test_telemetry.py",
}
SLOW = ("test_*.py", "dev")
FOLDER = "tests/in_project"


def has_every_option(answers: Answers) -> bool:
    """Return whether a service has all parts of the platform."""
    options = (answers["jobs"] != "none", answers["telemetry"] != "none", answers["example"])
    return all(options)


# One pytest worker runs all services that share an environment.
services = pytest.mark.parametrize(
    "answers",
    [
        pytest.param(each, id=name(each), marks=pytest.mark.xdist_group(each["auth_stack"]))
        for each in SERVICES
    ],
)


def files_left_out(answers: Answers) -> set[Path]:
    """Return the files with tests that a service does not run."""
    patterns = [left for each, left in LEFT_OUT.items() if answers[each[0]] == each[1]]
    if not has_every_option(answers):
        patterns += SLOW
    left_out = {path for pattern in patterns for path in TESTS.glob(pattern)}
    return left_out | {path for folder in left_out for path in folder.rglob("*.py")}


def add_tests(service: Service, answers: Answers) -> None:
    """Copy the tests of the parts that a service has."""
    left_out = files_left_out(answers)
    shutil.copytree(
        TESTS,
        service.folder / FOLDER,
        ignore=lambda folder, names: {each for each in names if Path(folder) / each in left_out},
    )


def defined_tests(folder: Path) -> set[str]:
    """Return the path and name of every test function below a folder."""
    return {
        ".".join([*path.relative_to(folder).with_suffix("").parts, node.name])
        for path in folder.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.name.startswith("test_")
    }


def ran_tests(report: Path) -> set[str]:
    """Return the path and name of every test of the platform that ran and was not skipped."""
    cases = ET.parse(report).iter("testcase")  # noqa: S314 - our own
    names = {
        f"{case.attrib['classname']}.{case.attrib['name'].partition('[')[0]}"
        for case in cases
        if case.find("skipped") is None
    }
    prefix = f"{FOLDER.replace('/', '.')}."
    return {each.removeprefix(prefix) for each in names if each.startswith(prefix)}


@services
def test_the_platform_tests_pass_in_a_rendered_service(install: Install, answers: Answers) -> None:
    """With every option, the tests cover 95 % of the platform, and 95 % of `core`."""
    service = install(**answers)
    add_tests(service, answers)
    pytest_options = ("-n", "2", "--dist", "worksteal", "--junitxml=report.xml")

    if has_every_option(answers):
        service.run("ruff", "check", "tests")
        service.run("ruff", "format", "--check", "tests")
        service.run("mypy")
        service.run("pytest", *pytest_options, "--cov=src/app", "tests")
        service.run("coverage", "report", "--include=src/app/core/*")
    else:
        service.run("pytest", *pytest_options, FOLDER)

    assert ran_tests(service.folder / "report.xml") == defined_tests(service.folder / FOLDER)


def test_every_platform_test_runs_and_most_run_with_both_auth_stacks() -> None:
    every = {*TESTS.rglob("test_*.py")}
    ran = {stack: set[Path]() for stack in values("auth_stack")}
    for answers in SERVICES:
        ran[answers["auth_stack"]] |= every - files_left_out(answers)
    once = {path for pattern in SLOW for path in TESTS.glob(pattern)}

    assert set.union(*ran.values()) == every
    assert [
        each for each in set.intersection(*ran.values()) ^ every if not once & {each, *each.parents}
    ] == []
