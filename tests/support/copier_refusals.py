"""Prints the errors of another version of Copier for invalid answers.

`copier_refusals.py TEMPLATE PAIRS` prints the version, and then the error for each answer.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import copier


def refusal(template: str, question: str, bad: str) -> str:
    """Return the error for an answer, or an empty text if it is accepted or files were written."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        try:
            copier.run_copy(template, out, {question: bad}, defaults=True, quiet=True)
        except ValueError as error:
            return "" if out.exists() else str(error)
    return ""


_, template, pairs = sys.argv
said = [refusal(template, question, bad) for question, bad in json.loads(pairs)]
sys.stdout.write(json.dumps([version("copier"), *said]))
