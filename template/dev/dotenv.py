"""Creates the `.env` of a project on this machine."""

import os
import re
import secrets
import tempfile
from pathlib import Path


def write_dotenv(folder: Path) -> bool:
    """Create `.env` from the example with a new secret; return `False` if `.env` already exists."""
    dotenv, example = folder / ".env", folder / ".env.example"
    if dotenv.exists():
        return False
    text = example.read_text("utf-8") if example.exists() else ""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, prefix=".env.") as draft:
        # The draft has mode 0600, and Git ignores its name.
        draft.write(_fill_in(text))
        draft.flush()
        try:
            os.link(draft.name, dotenv)  # atomic, and never replaces an existing file
        except FileExistsError:
            return False
    return True


def _fill_in(text: str) -> str:
    values = {"ENVIRONMENT": "local", "SECRET_KEY": secrets.token_urlsafe(48)}
    for name, value in values.items():
        line = f"{name}={value}"
        text, found = re.subn(rf"^{name}=.*$", line, text, flags=re.MULTILINE)
        if not found:
            text = f"{text.rstrip()}\n{line}\n".lstrip()
    return text
