"""The files that each answer adds to the default project, removes from it and changes in it."""

from tests.support.variants import Answer

GITHUB = {
    ".github/dependabot.yml",
    ".github/workflows/audit.yml",
    ".github/workflows/ci.yml",
    ".github/workflows/publish-image.yml",
    ".github/workflows/upgrade.yml",
}
PROJECT = "src/app/project.py"
SCRIPTS = {"scripts/audit.sh", "scripts/audit-exceptions.txt", "scripts/upgrade.sh"}

# For each answer: the files that it adds, the files that it removes, and those that it changes.
EFFECTS: dict[tuple[str, Answer], tuple[set[str], set[str], set[str]]] = {
    ("license", "MIT"): (set(), set(), {"LICENSE", "Dockerfile", "pyproject.toml", PROJECT}),
    ("license", "Apache-2.0"): (set(), set(), {"LICENSE", "Dockerfile", "pyproject.toml", PROJECT}),
    **{
        ("python_version", version): (
            set(),
            set(),
            {"Dockerfile", ".devcontainer/devcontainer.json", "pyproject.toml"},
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
            "dev/prove/faults/job_interruptions.py",
            "dev/prove/faults/job_queue.py",
            "dev/prove/faults/job_worker.py",
            "dev/prove/faults/jobs.py",
            "docs/service/how-to/run-jobs.md",
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
            "tests/jobs/test_purge.py",
        },
        set(),
        {
            ".env.example",
            "AGENTS.md",
            "README.md",
            "compose.yaml",
            "docs/service/README.md",
            "docs/service/architecture.md",
            "docs/service/commands.md",
            "docs/service/how-to/reset-a-password.md",
            "docs/service/how-to/separate-database-roles.md",
            "docs/service/how-to/watch-the-service.md",
            "docs/service/security.md",
            "migrations/env.py",
            "pyproject.toml",
        },
    ),
    ("telemetry", "opentelemetry"): (
        {"docs/service/how-to/send-traces.md"},
        set(),
        {
            ".env.example",
            "README.md",
            "docs/service/README.md",
            "pyproject.toml",
            "src/app/core/observability/telemetry.py",
            "src/app/resources.py",
        },
    ),
    ("ci", "gitlab"): (
        {".gitlab-ci.yml", "renovate.json"},
        GITHUB,
        {
            "README.md",
            "docs/service/how-to/pin-images.md",
            "docs/service/how-to/sign-the-image.md",
            "docs/service/how-to/use-a-monorepo.md",
            "docs/service/security.md",
            "scripts/upgrade.sh",
        },
    ),
    ("ci", "none"): (
        {"renovate.json"},
        GITHUB | SCRIPTS | {"docs/service/how-to/sign-the-image.md"},
        {
            "README.md",
            "docs/service/README.md",
            "docs/service/how-to/pin-images.md",
            "docs/service/how-to/use-a-monorepo.md",
            "docs/service/security.md",
            "pyproject.toml",
        },
    ),
    ("kubernetes", True): (
        {
            "docs/service/how-to/deploy-on-kubernetes.md",
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
        {
            "README.md",
            "docs/service/README.md",
            "docs/service/how-to/pin-images.md",
            "docs/service/how-to/separate-database-roles.md",
            "docs/service/security.md",
        },
    ),
    ("example", False): (
        set(),
        {
            "docs/service/how-to/cache-an-answer.md",
            "src/app/api/v1/endpoints/items.py",
            "src/app/models/item.py",
            "src/app/schemas/item.py",
            "src/app/services/item.py",
            "tests/access/items.py",
            "tests/resources/test_item_lists.py",
            "tests/resources/test_item_conflicts.py",
            "tests/resources/test_item_prices.py",
            "tests/resources/test_item_races.py",
            "tests/resources/test_items.py",
        },
        {
            "README.md",
            "docs/service/README.md",
            "docs/service/performance.md",
            "docs/service/security.md",
            "migrations/versions/initial.py",
            "pyproject.toml",
            "src/app/api/v1/router.py",
            "src/app/models/__init__.py",
        },
    ),
}
