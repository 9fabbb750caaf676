"""The targets of refs in a project, and the names that are taken."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dev.resource.names import nearest, plural_of
from dev.resource.recipe import OnDelete, Resource


@dataclass(frozen=True, kw_only=True)
class Target:
    """A model that refs can name.

    `has_access_table` says whether `tests/access/<table>.py` has a function `add_<name>`, which
    adds a row for tests. `refs` holds the tables of its foreign keys, each with its `on-delete`,
    except that of the owner.
    """

    name: str
    model: str
    module: str
    table: str
    is_owned: bool
    has_access_table: bool = False
    refs: frozenset[tuple[str, OnDelete]] = frozenset()


@dataclass(frozen=True)
class Known:
    """The targets of refs in a project, by name, and what is taken, as `claims` returns it."""

    targets: Mapping[str, Target]
    taken: frozenset[str]

    def including(self, resource: Resource) -> "Known":
        """Return what the project has after the resource was added."""
        tables = {resource.name: resource.plural}
        tables |= {name: target.table for name, target in self.targets.items()}
        refs = ((tables.get(each.arguments[0], ""), each.on_delete) for each in resource.refs)
        target = Target(
            name=resource.name,
            model=resource.model,
            module=f"app.models.{resource.name}",
            table=resource.plural,
            is_owned=resource.is_owned,
            has_access_table=True,
            refs=frozenset(refs),
        )
        return Known({**self.targets, resource.name: target}, self.taken | {*claims(resource)})

    def prevented_by(self, name: str) -> set[str]:
        """Return the tables with rows that a user's deletion deletes, but a ref of a target keeps.

        A row with an owner refers to rows of this owner, which are deleted together with it.
        """
        target = self.targets[name]
        deleted = self._deleted_with_others | (set() if target.is_owned else self._owned)
        return {table for table, on_delete in target.refs if on_delete == "restrict"} & deleted

    @property
    def _owned(self) -> set[str]:
        return {each.table for each in self.targets.values() if each.is_owned}

    @property
    def _deleted_with_others(self) -> set[str]:
        """The tables of which the deletion of a user deletes rows that belong to others."""
        found, targets = {"users"}, self.targets.values()
        while more := {each.table for each in targets if self._is_deleted(each, found)} - found:
            found |= more
        return found - {"users"}

    def _is_deleted(self, target: Target, deleted: set[str]) -> bool:
        """Return whether rows are deleted with rows of these tables, or of an owner."""
        with_others = deleted | (set() if target.is_owned else self._owned)
        return any(table in with_others for table, each in target.refs if each == "cascade")

    def reached_from(self, table: str) -> set[str]:
        """Return the tables to which the rows of a table refer, directly or through others."""
        found = {table}
        refs = {each.table: each.refs for each in self.targets.values()}
        while more := {to for table in found for to, _ in refs.get(table, ())} - found:
            found |= more
        return found


def files_of(resource: Resource) -> list[str]:
    """Return the paths of the files that a resource has, except its revision."""
    name, plural = resource.name, resource.plural
    return [
        *(f"src/app/{layer}/{name}.py" for layer in ("models", "schemas", "services")),
        f"src/app/api/v1/endpoints/{plural}.py",
        f"tests/access/{plural}.py",
        f"tests/resources/test_{plural}.py",
        *(
            f"tests/resources/test_{name}_{each}.py"
            for each in ("conflicts", "lists", "races", "relations")
        ),
    ]


def claims(resource: Resource) -> list[str]:
    """Return the paths of files, and the names, that no other resource may have."""
    modules = [path.removesuffix(".py") for path in files_of(resource)]
    return [
        *(f"{each}{end}" for each in modules for end in (".py", "/__init__.py")),
        f"the table {resource.plural}",
        f"the model {resource.model}",
        f"the path {resource.url}",
        *(f"the operation {each}" for each in operation_ids(resource)),
    ]


def operation_ids(resource: Resource) -> list[str]:
    """Return the names of the functions of the endpoints."""
    return [
        f"{each}_{resource.plural if each == 'list' else resource.name}"
        for each in resource.operations
    ]


def problems_of_taken(resource: Resource, known: Known) -> Iterator[str]:
    """Yield a sentence if the project has a name, a path or a file of a resource."""
    name, plural = resource.name, resource.plural
    singulars = {plural_of(each): each for each in known.targets}
    singulars |= {each.table: each.name for each in known.targets.values()}
    if name in known.targets:
        yield f"{name} exists. Add fields to it with --add, or choose another name."
    elif name in singulars:
        yield f"{name} is the plural of {singulars[name]}, which exists. Choose another name."
    elif plural in known.targets:
        yield f"The plural {plural} is the name of a resource. Choose another with --plural."
    elif taken := next((each for each in claims(resource) if each in known.taken), None):
        is_of_name = taken in claims(replace(resource, plural=""))
        other = "Choose another name." if is_of_name else "Choose another plural with --plural."
        yield f"{re.sub('^the ', 'The ', taken)} exists. {other}"


def problems_of_refs(resource: Resource, known: Known) -> Iterator[str]:
    """Yield the mistakes in refs.

    No row may prevent that the deletion of a user deletes another row.
    """
    complete = known.including(resource)
    prevented = complete.prevented_by(resource.name)
    for each in resource.refs:
        name = each.arguments[0]
        if (target := complete.targets.get(name)) is None:
            yield f"{each.name}: {name} is no resource.{nearest(name, complete.targets)}"
        elif each.on_delete == "restrict" and target.table in prevented:
            why = f"the deletion of a user deletes {target.table}, which this ref would prevent"
            yield f"{each.name}: {why}. Add on-delete=cascade, or optional."
        elif name != resource.name and resource.plural in complete.reached_from(target.table):
            yield f"{each.name}: {name} refers to {resource.name}. Add a ref back by hand."
    for name in known.targets.keys() - {resource.name}:
        for table in complete.prevented_by(name) - known.prevented_by(name):
            why = f"The deletion of a user would delete {table}, which a ref of {name} prevents"
            yield f"{why}. Leave out on-delete=cascade."
