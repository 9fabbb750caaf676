"""The results as JUnit XML, which pipelines show."""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from dev.prove.findings import Finding, Outcome, SectionResults

# Characters that XML 1.0 cannot contain, even escaped.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TAGS = {Outcome.FAILED: "failure", Outcome.UNCOVERED: "skipped"}


def as_junit(results: Sequence[SectionResults]) -> str:
    """Return the findings as JUnit XML: a suite for each section, a case for each finding."""
    root = Element("testsuites", name="poe prove")
    for section in results:
        suite = SubElement(
            root,
            "testsuite",
            name=section.name,
            tests=str(len(section.findings)),
            failures=str(section.count(Outcome.FAILED)),
            skipped=str(section.count(Outcome.UNCOVERED)),
            errors="0" if section.complete else "1",
            time=f"{section.seconds:.3f}",
        )
        for finding in section.findings:
            _add_case(suite, finding)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, "unicode")}\n'


def _add_case(suite: Element, finding: Finding) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=_text(f"{finding.section}.{finding.check}"),
        name=_text(finding.subject),
        time=f"{finding.seconds:.3f}",
    )
    if tag := TAGS.get(finding.outcome):
        SubElement(case, tag, message=_text(finding.detail))


def _text(value: str) -> str:
    return FORBIDDEN.sub("\ufffd", value)
