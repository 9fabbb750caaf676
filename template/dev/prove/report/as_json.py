"""The results as JSON, for other programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from dev.prove.findings import SectionResults


def as_json(results: Sequence[SectionResults]) -> str:
    """Return the results as JSON: a list of sections with their findings and measurements."""
    return json.dumps({"sections": [asdict(each) for each in results]}, indent=2) + "\n"
