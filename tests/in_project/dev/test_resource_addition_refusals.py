"""`poe resource NAME --add` refuses additions that a table with rows or its owner cannot take."""

import pytest

from tests.in_project.dev.resource_owner import ADD, LAST_FIELD, MODEL, ResourceOwner

ROWS = "of a table that may hold rows must be optional"
BY_HAND = "remove and rename fields by hand."
LINE = """
class Line(Record):
    __tablename__ = "lines"

    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoices.id", ondelete="CASCADE"))
"""
REFUSED = [
    (["invoice", "--add", "paid_at:datetime"], f"paid_at: a new column {ROWS} or have a default."),
    (["invoice", "--add", "tags:list:str"], f"tags: a new column {ROWS}."),
    (["invoice", "--add", "code:int:unique"], f"code: a new unique column {ROWS}."),
    (["invoice", "--add", "a:inn", "b:str"], "a: the type inn is unknown. Do you mean int?"),
    (["invoice", "--add", "notes:text:optional"], "two columns would be named notes."),
    (["invoice", "--add", "parcel:ref:parcel:optional"], "parcel: parcel is no resource."),
    (["invoice", "--add", "a:int:optional", "--remove", "notes"], BY_HAND),
    (["invoice", "--add", "a:int:optional", "--access", "admin"], "--filter and --dry-run."),
    (["invoice", "--add", "a:int:optional", "--json"], "--filter and --dry-run."),
    (["invoice", "--add-value", "state:void"], "state is no enum of invoice. Do you mean status?"),
    (["invoice", "--add-value", "status:void,sent"], "sent is a value of status already."),
    (["invoice", "--add-value", "status"], "--add-value takes FIELD:VALUE, not status."),
    (["invoices", *ADD[1:]], "no recipe of invoices in resources.toml. Do you mean invoice?"),
    (["user", *ADD[1:]], "so the addition stays by hand. Edit these files, and then run `uv run"),
]


@pytest.mark.parametrize(("arguments", "sentence"), REFUSED)
def test_additions_that_cannot_be_made_are_refused(
    owner: ResourceOwner, arguments: list[str], sentence: str
) -> None:
    assert sentence in owner.resource(*arguments, code=2)
    assert owner.is_clean()


def test_all_mistakes_of_an_addition_are_reported_at_once(owner: ResourceOwner) -> None:
    (owner.folder / MODEL).write_text("# Mine\n")
    said = owner.resource("invoice", "--add", "a:inn", "b:str", "--add-value", "state:x", code=2)

    assert said.splitlines() == [
        "--add-value: state is no enum of invoice. Do you mean status?",
        f"b: a new column {ROWS} or have a default.",
        "a: the type inn is unknown. Do you mean int?",
    ]


def test_a_column_that_the_owner_has_added_is_refused(owner: ResourceOwner) -> None:
    owner.edit(MODEL, LAST_FIELD, f"{LAST_FIELD}    rate: Mapped[int]\n")
    said = owner.resource("invoice", "--add", "rate:int:default=1", code=2)

    assert said == "rate: invoice.py has rate already.\n"


def test_a_ref_to_a_model_that_refers_back_is_refused(owner: ResourceOwner) -> None:
    (owner.folder / "src/app/models/line.py").write_text(LINE)
    owner.commit()
    said = owner.resource("invoice", "--add", "line:ref:line:optional", code=2)

    assert said == "line: line refers to invoice. Add a ref back by hand.\n"


def test_an_addition_needs_committed_files(owner: ResourceOwner) -> None:
    (owner.folder / MODEL).write_text("# Mine\n")

    assert "Commit or `git stash" in owner.resource(*ADD, code=1)
    assert owner.is_clean()
