"""Names that fields and resources cannot have, because the code that uses them would fail."""

import builtins
import keyword
from collections.abc import Iterator

from dev.resource.names import pascal_case

MAX_LENGTH = 30
PYTHON = {name for name in keyword.kwlist if name.islower()}
# The reserved words of PostgreSQL (its documentation, appendix C).
SQL = (
    "all analyse analyze and any array as asc asymmetric authorization binary both case cast check "
    "collate collation column concurrently constraint create cross current_catalog current_date "
    "current_role current_schema current_time current_timestamp current_user default deferrable "
    "desc distinct do else end except false fetch for foreign freeze from full grant group having "
    "ilike in initially inner intersect into is isnull join lateral leading left like limit "
    "localtime localtimestamp natural not notnull null offset on only or order outer overlaps "
    "placing primary references returning right select session_user similar some symmetric "
    "system_user table tablesample then to trailing true union unique user using variadic verbose "
    "when where window with"
)
RECORD = {"id", "owner_id", "version", "created_at", "updated_at", "metadata", "registry"}
# The system columns of PostgreSQL.
SYSTEM = {"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"}
# Names that the bodies of the models and schemas use, and those of methods of their base classes.
BODIES = (
    "at_least at_most bool contains_all contains_any date datetime dict equals float func int list "
    "mapped_column self str utc_now"
)
METHODS = (
    "changes construct copy dict filters from_orm json parse_file parse_obj parse_raw refuse_null "
    "refuse_many_members refuse_unknown schema schema_json update_forward_refs validate"
)
FIELDS = {*PYTHON, *SQL.split(), *SYSTEM, *RECORD, *BODIES.split(), *METHODS.split()}

# Classes that the generated modules import.
CLASSES = (
    "Access AdminUser Annotated Any AsyncClient AsyncSession BigInteger Boolean Caller "
    "CheckConstraint CurrentUser Cursors CursorsDep Database Date DateTime DbReads DbSession "
    "Decimal DecimalText Depends Double Email Field ForeignKey Given Index InputSchema Integer "
    "IntegrityError KeysetQuery Line LinkNext Literal Mapped NotFoundError NotNullPatchSchema "
    "Nullable Numeric Orders OutputSchema Preconditions PreconditionsDep Query Reads "
    "Record Response RolledBackDatabase RowDict SearchText Self String Text UniqueConstraint User "
    "Uuid ValidationError VersionedRecord WebUrl"
)
# The types of fields have other names than all imported classes.
IMPORTED = {*CLASSES.split(), "Order", "Page"}
# Variables of the functions that have a variable named as the resource.
VARIABLES = (
    "admin administrator caller cursors current_user data field link_next n owner parameters "
    "preconditions query reads response session usual value"
)
# Among them are the table of Alembic, the prefix of `api_router`, and a module that pytest reads.
# PostgreSQL looks for names that begin with `pg_` among its own tables first.
PLURALS = {"alembic_version", "api", "conftest", *PYTHON, *SQL.split()}
RESOURCES = {"base", *PYTHON, *map(str.lower, dir(builtins)), *VARIABLES.split()}


def problems_of_field(name: str, *, is_ref: bool = False) -> Iterator[str]:
    """Yield why a field cannot have a name. The column of a ref has another one, as `user_id`."""
    if name in (PYTHON if is_ref else FIELDS) or name.startswith("model_"):
        yield f"{name} is a reserved name. Choose another name."
    else:
        yield from _problems(name, "the name of a field", "due_on")


def problems_of_resource(name: str) -> Iterator[str]:
    """Yield why a resource cannot have a name."""
    if name in RESOURCES or pascal_case(name) in CLASSES.split():
        yield f"{name} is a reserved name. Choose a longer name, such as purchase_{name}."
    else:
        yield from _problems(name, "The name of a resource", "invoice_line")


def problems_of_plural(plural: str, name: str) -> Iterator[str]:
    """Yield why a resource cannot have a plural."""
    if plural == name:
        why = f"but the code needs different names for a list and for one {name}"
        yield f"The plural {name} is the name itself, {why}. Add --plural {name}_list."
    elif plural in PLURALS or plural.startswith("pg_"):
        yield f"The plural {plural} is a reserved name. Choose another with --plural."
    else:
        yield from _problems(plural, "The name of a table", "invoice_lines")


def _problems(name: str, thing: str, example: str) -> Iterator[str]:
    parts = name.split("_")
    is_plain = name.isascii() and name[:1].isalpha() and all(each.isalnum() for each in parts)
    if not (is_plain and name.islower()):
        signs = "lower-case letters, digits and single underscores"
        yield f"{thing} has {signs}, as in {example}."
    elif len(name) > MAX_LENGTH:
        yield f"{thing} has at most {MAX_LENGTH} characters."
