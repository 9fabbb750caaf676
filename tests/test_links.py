"""The links of the documentation, in the repository and in every variant."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.files import texts
from tests.support.services import Render
from tests.support.variants import ROOT, Answers, each_variant

BRANCH = "../../tree/rendered/"  # valid on the page of the repository
LINK = re.compile(r"\]\((?!\w+:)([^)\s#]*)(?:#([\w-]+))?\)")


def broken(folder: Path) -> Iterator[str]:
    """Yield each link below a folder whose file or heading does not exist."""
    pages = {path: text for path, text in texts(folder).items() if path.endswith(".md")}
    for path, text in pages.items():
        for target, anchor in LINK.findall(without_code(text)):
            if target.startswith(BRANCH):
                continue
            linked = (folder / path).parent / target if target else folder / path
            if not linked.exists() or (anchor and anchor not in anchors(linked)):
                yield f"{path}: {target}#{anchor}"


def without_code(text: str) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub and GitLab give to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", without_code(page.read_text("utf-8")), re.M)
    words = [re.sub(r"[^\w\- ]", "", heading).strip().lower() for heading in headings]
    return {each.replace(" ", "-") for each in words}


@pytest.mark.renders
def test_links_in_the_template_repository_are_not_broken(download: Path) -> None:
    assert [link for link in broken(download) if not link.startswith("template/")] == []


@each_variant
def test_links_in_a_rendered_service_are_not_broken(render: Render, answers: Answers) -> None:
    """No page links to a page that is left out with its option."""
    assert [*broken(render(**answers))] == []


@each_variant
def test_the_docs_index_of_a_service_lists_every_page(render: Render, answers: Answers) -> None:
    folder = render(**answers) / "docs/service"
    listed = {target for target, _ in LINK.findall((folder / "README.md").read_text("utf-8"))}

    pages = {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")}
    assert listed == pages - {"README.md"}


@pytest.mark.renders
def test_each_cell_of_the_comparison_table_links_to_its_evidence() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    references = dict(re.findall(r"^\[([\w-]+)\]: (\S+)$", text, re.M))
    [table] = re.findall(r"^\| \| this template .*\n\| ---.*\n((?:\|.*\n)+)", text, re.M)

    for row in table.splitlines():
        ours, *others = row.strip("| ").split(" | ")[1:]
        assert re.fullmatch(r"\[.+\]\([\w./-]+\)", ours)
        named = [re.fullmatch(r"\[.+\]\[([\w-]+)\]", cell) for cell in others]
        # A link names a commit, so that the linked file does not change.
        links = [references[each[1]] for each in named if each]
        assert len([link for link in links if re.search(r"/blob/[0-9a-f]{40}/", link)]) == 3


def test_a_rendered_service_does_not_mention_pages_of_the_template(render: Render) -> None:
    """The guide and the folders of `docs/` belong to the template."""
    lacking = re.compile(r"\b[Tt]he guide\b|\bdocs/(?:explanation|how-to|reference)/")
    project = texts(render(jobs="postgres", kubernetes=True, telemetry="opentelemetry"))

    assert {path for path, text in project.items() if lacking.search(text)} == set()
