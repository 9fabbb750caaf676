"""The tests of the platform pass in rendered projects, which hold the tests of what owners change.

Each project runs the tests of the parts that it has. The modules outside the folders, and those in
`dev`, start and kill many processes, or wait as long as the service waits for a slow client: one
project, with every option, runs them too.
"""

import ast
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.services import Install, Service
from tests.support.variants import ROOT, SERVICES, Answer, Answers, name, values

TESTS = ROOT / "tests/in_project"
# Files that an answer leaves out have no tests either.
LEFT_OUT: dict[tuple[str, Answer], str] = {
    ("example", False): "resources/test_item_*.py",
    ("jobs", "none"): "jobs",
    ("telemetry", "none"): "core/test_telemetry.py",
}
SLOW = ("test_*.py", "dev")
FOLDER = "tests/in_project"


def has_every_option(answers: Answers) -> bool:
    """Return whether a service has all of the platform."""
    options = (answers["jobs"] != "none", answers["telemetry"] != "none", answers["example"])
    return all(options)


# One worker has all that share an environment.
services = pytest.mark.parametrize(
    "answers",
    [
        pytest.param(each, id=name(each), marks=pytest.mark.xdist_group(each["auth_stack"]))
        for each in SERVICES
    ],
)


def files_left_out(answers: Answers) -> set[Path]:
    """Return the tests that a service does not run."""
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
    """Where all of the platform is rendered, the tests reach 95 % of it, and of `core` alone."""
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
