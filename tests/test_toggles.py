"""Every answer does something, and what it switches off leaves nothing behind."""

import re
from pathlib import Path

import pytest

from conftest import Render
from files import files, texts
from variants import CLOSED, QUESTIONS, Answer, values

ANSWERS = ".copier-answers.yml"
GITHUB = {
    ".github/dependabot.yml",
    ".github/workflows/audit.yml",
    ".github/workflows/ci.yml",
    ".github/workflows/upgrade.yml",
}
SCRIPTS = {"scripts/audit.sh", "scripts/audit-exceptions.txt", "scripts/upgrade.sh"}

# Answer: what it adds to the default project, what it takes away, and what it changes.
EFFECTS: dict[tuple[str, Answer], tuple[set[str], set[str], set[str]]] = {
    ("license", "MIT"): (set(), set(), {"LICENSE", "Dockerfile", "pyproject.toml"}),
    ("license", "Apache-2.0"): (set(), set(), {"LICENSE", "Dockerfile", "pyproject.toml"}),
    **{
        ("python_version", version): (
            set(),
            set(),
            {"Dockerfile", ".devcontainer/devcontainer.json"},
        )
        for version in ["3.13", "3.12", "3.11"]
    },
    ("auth_stack", "jose-passlib"): (
        set(),
        set(),
        {
            "pyproject.toml",
            "scripts/audit-exceptions.txt",
            "src/app/core/auth/jwt_codec.py",
            "src/app/core/auth/password_hash.py",
        },
    ),
    ("jobs", "postgres"): (
        {
            "migrations/versions/queue.py",
            "monitoring/jobs-alerts.yaml",
            "monitoring/jobs-dashboard.json",
            "src/app/core/jobs/__init__.py",
            "src/app/worker_context.py",
            "src/app/core/jobs/damage.py",
            "src/app/core/jobs/health.py",
            "src/app/core/jobs/metrics.py",
            "src/app/core/jobs/queue.py",
            "src/app/core/jobs/runner.py",
            "src/app/core/jobs/schema.py",
            "src/app/core/jobs/task.py",
            "src/app/services/maintenance.py",
            "src/app/worker.py",
            "tests/jobs/__init__.py",
            "tests/jobs/conftest.py",
            "tests/jobs/eager.py",
            "tests/jobs/test_damage.py",
            "tests/jobs/test_enqueue.py",
            "tests/jobs/test_health.py",
            "tests/jobs/test_locales.py",
            "tests/jobs/test_metrics.py",
            "tests/jobs/test_purge.py",
            "tests/jobs/test_schema.py",
            "tests/jobs/test_worker.py",
        },
        set(),
        {
            ".env.example",
            "AGENTS.md",
            "README.md",
            "compose.yaml",
            "migrations/env.py",
            "pyproject.toml",
        },
    ),
    ("telemetry", "opentelemetry"): (
        {"tests/core/test_telemetry.py"},
        set(),
        {
            ".env.example",
            "README.md",
            "pyproject.toml",
            "src/app/core/observability/telemetry.py",
            "src/app/main.py",
        },
    ),
    ("ci", "gitlab"): ({".gitlab-ci.yml", "renovate.json"}, GITHUB, {"scripts/upgrade.sh"}),
    ("ci", "none"): ({"renovate.json"}, GITHUB | SCRIPTS, {"README.md"}),
    ("kubernetes", True): (
        {
            "kubernetes/base/autoscaler.yaml",
            "kubernetes/base/deployment.yaml",
            "kubernetes/base/disruption-budget.yaml",
            "kubernetes/base/kustomization.yaml",
            "kubernetes/base/migration.yaml",
            "kubernetes/base/network-policy.yaml",
            "kubernetes/base/service-account.yaml",
            "kubernetes/base/service.yaml",
            "kubernetes/overlays/development/kustomization.yaml",
            "kubernetes/overlays/development/namespace.yaml",
            "kubernetes/overlays/production/kustomization.yaml",
            "kubernetes/overlays/production/namespace.yaml",
        },
        set(),
        {"README.md"},
    ),
    ("example", False): (
        set(),
        {
            "src/app/api/v1/endpoints/items.py",
            "src/app/models/item.py",
            "src/app/schemas/item.py",
            "src/app/services/item.py",
            "tests/access/items.py",
            "tests/resources/test_item_lists.py",
            "tests/resources/test_item_oddities.py",
            "tests/resources/test_item_queries.py",
            "tests/resources/test_item_races.py",
            "tests/resources/test_item_statements.py",
            "tests/resources/test_item_versions.py",
            "tests/resources/test_items.py",
        },
        {
            "README.md",
            "migrations/versions/initial.py",
            "src/app/api/v1/router.py",
            "src/app/models/__init__.py",
        },
    ),
}

# Words that only a feature has; `items` alone is also what a page of anything is made of, and
# libraries have an `item_type` and an `items_schema`.
ITEM = (
    r"\bItem(?!s\b)|/items\b|\bitems?_(?!type\b|schema\b)|"
    r"\b(?:models|schemas|services|endpoints)[./]items?\b"
)
GITLAB = r"gitlab(?!\.com/)"  # which is also where a template may be
TRACES = [
    ("example", False, ITEM),
    ("auth_stack", "pyjwt-pwdlib", r"(?i)\bjose\b|passlib|libpass|argon2-cffi"),
    ("auth_stack", "jose-passlib", r"(?i)pyjwt|pwdlib"),
    (
        "jobs",
        "none",
        r"(?i)pgqueuer|\bapp[./](?:worker|jobs)\b|background job|\benqueue",
    ),
    ("kubernetes", False, r"(?i)kubernetes|kubectl|kustomize"),
    ("telemetry", "none", r"(?i)opentelemetry|\botlp|\botel_"),
    ("ci", "github", rf"(?i){GITLAB}|renovate"),
    ("ci", "gitlab", r"(?i)github actions|\.github/|dependabot"),
    ("ci", "none", rf"(?i)github actions|\.github/|dependabot|{GITLAB}|(?:audit|upgrade)\.sh"),
]


def test_every_answer_has_its_row() -> None:
    offered = {(name, value) for name in CLOSED for value in values(name)}

    assert {*EFFECTS} == offered - {(name, QUESTIONS[name]["default"]) for name in CLOSED}


@pytest.mark.parametrize(("question", "answer"), EFFECTS)
def test_an_answer_does_what_its_row_says(
    render: Render, default: Path, question: str, answer: Answer
) -> None:
    before, after = files(default), files(render(**{question: answer}))
    changed = {path for path in before.keys() & after.keys() if before[path] != after[path]}

    assert (
        after.keys() - before.keys(),
        before.keys() - after.keys(),
        changed - {ANSWERS},
    ) == EFFECTS[question, answer]


UNMARKED = {ANSWERS, "dev/upgrade/moves.py"}  # these name what every answer renders


@pytest.mark.parametrize(("question", "answer", "trace"), TRACES)
def test_what_is_off_leaves_no_trace(
    render: Render, question: str, answer: Answer, trace: str
) -> None:
    project = render(**{question: answer})
    found = {
        f"{path}: {line}"
        for path, text in texts(project).items()
        for line in [path, *text.splitlines()]
        if path not in UNMARKED and re.search(trace, line)
    }

    assert found == set()
    # Not even an empty folder.
    assert [
        folder for folder in project.rglob("*") if folder.is_dir() and not any(folder.iterdir())
    ] == []
