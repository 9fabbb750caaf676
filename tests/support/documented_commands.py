"""The commands and code of the documentation, block by block."""

import re

from tests.support.variants import ROOT

# The how-tos that are rendered with the service.
HOW_TOS = "template/docs/service/how-to"
DOCUMENTS = [
    path.relative_to(ROOT).as_posix()
    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("template/docs/**/*.md*"),
    ]
]
SHELLS = ("bash", "console", "sh", "shell")


def blocks(document: str, *languages: str) -> list[str]:
    """Return the fenced blocks of a document that are in one of the languages."""
    text = (ROOT / document).read_text("utf-8")
    fenced = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)
    return [text for language, text in fenced if language in languages]


def typed(document: str, words: str) -> str:
    """Return the only block of commands in a document that contains the words."""
    (block,) = [block for block in blocks(document, *SHELLS) if words in block]
    return block


ADOPTING = "docs/how-to/adopt.md"
CONTRACT = f"{HOW_TOS}/change-the-api.md"
CLIENTS = f"{HOW_TOS}/generate-a-client.md"
KUBERNETES = f"{HOW_TOS}/deploy-on-kubernetes.md"
MONOREPO = f"{HOW_TOS}/use-a-monorepo.md.jinja"
RESOURCE = f"{HOW_TOS}/add-a-resource.md"
JOBS = f"{HOW_TOS}/run-jobs.md"
GENERATED = [
    f"{HOW_TOS}/{name}.md"
    for name in (
        *("generate-a-resource", "change-a-status"),
        *("extend-a-resource", "relate-generated-resources"),
    )
]
RESET = f"{HOW_TOS}/reset-a-password.md.jinja"
ROTATE = f"{HOW_TOS}/rotate-keys.md"
SIGNING = f"{HOW_TOS}/sign-the-image.md.jinja"
TUTORIAL = "docs/tutorial.md"
UPGRADING = "docs/how-to/update.md"
WATCH = f"{HOW_TOS}/watch-the-service.md.jinja"
DEMO = typed("README.md", "-s demo")
TESTS = typed("README.md", "-s tests")
RENDER = [
    typed("README.md", "copier copy"),
    typed("docs/how-to/render.md", 'project_name="Billing"'),
    typed("docs/how-to/render.md", "answers.yml"),
    typed("docs/how-to/render.md", "-r HEAD"),
]
ADOPT = [RENDER_OVER, MOVE, CHECK_MOVED, TRY_ON_DATA, TAKE] = [
    typed(ADOPTING, words)
    for words in ("copier copy", "git mv", "poe check", "copy uv run poe dev", "git merge")
]
ADOPT_WITHOUT_MIGRATIONS = [FIRST_REVISION, MARK_DEVELOPMENT, MARK] = [
    typed(ADOPTING, words) for words in ("tables from before", "stamp --purge", "stamp REVISION")
]
UPDATE = typed(UPGRADING, "copier update")
REWRITE = typed(UPGRADING, "--rewrite-imports")
MOVE_FILES = typed("UPGRADING.md", "git mv")
UPDATE_MOVED = typed("UPGRADING.md", "copier update")
UPGRADE = typed(UPGRADING, "--preview")
TAKE_UPGRADE = typed(UPGRADING, "git diff HEAD")
GO_ON = typed(UPGRADING, "--continue")
GO_BACK = typed(UPGRADING, "--abort")
CHANGE_ANSWERS = typed(UPGRADING, "--set kubernetes=true")
DEPLOY = [OVERLAY, SECRETS, RELEASE] = [
    typed(KUBERNETES, "kubectl kustomize"),
    typed(KUBERNETES, "kubectl create secret"),
    typed(KUBERNETES, "kubectl wait"),
]
CHANGE_API = [DESCRIBE, ANNOUNCE, COMPARE] = [
    typed(CONTRACT, words) for words in ("--write", "--changelog", "--base")
]
GENERATE_IN_PYTHON = typed(CLIENTS, "uv init")
CALL_IN_PYTHON = typed(CLIENTS, "python me.py")
GENERATE_IN_TYPESCRIPT = typed(CLIENTS, "npm init")
CALL_IN_TYPESCRIPT = typed(CLIENTS, "node me.js")
CLIENT_RECIPES = [GENERATE_IN_PYTHON, CALL_IN_PYTHON, GENERATE_IN_TYPESCRIPT, CALL_IN_TYPESCRIPT]
NEW_KEY = typed(ROTATE, "secrets.token")
CHECK_KEYS = typed(ROTATE, "app check")
ISSUE_CODE = typed(RESET, "app reset-password")
USE_CODE = typed(RESET, "password-reset")
PURGE = typed(RESET, "app purge")
PIN_IMAGES = typed(f"{HOW_TOS}/pin-images.md.jinja", "imagetools inspect")
PROVE = typed(f"{HOW_TOS}/prove-the-service.md", "--only attacks")
PROVE_LOAD = typed(f"{HOW_TOS}/prove-the-service.md", "--only load")
VERIFY = [typed(SIGNING, words) for words in ("gh attestation", "cosign verify")]
METRICS = typed(WATCH, "/metrics")
COPY_WORKFLOWS = typed(MONOREPO, ".github/workflows")
TURN_ON_JOBS = typed(UPGRADING, "--set jobs=postgres")
WORKER = typed(JOBS, "poe worker")
FAILED_JOBS = typed(JOBS, "pgq failed")
FIRST_RENDER = typed(TUTORIAL, "copier copy")
FIRST_START = typed(TUTORIAL, "poe dev")
FIRST_RESOURCE = typed(TUTORIAL, "poe resource book title")
FIRST_FIELD = typed(TUTORIAL, "--add rating")
FIRST_CALLS = typed(TUTORIAL, "curl")
FIRST_CHECK = typed(TUTORIAL, "poe check")
SECOND_CHECK = typed(RESOURCE, "poe migration")
RECIPES = [block for document in GENERATED for block in blocks(document, *SHELLS)]
