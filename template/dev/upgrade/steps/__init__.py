"""Adds the data changes of releases to the next revision of a project.

A step is a module here, named after its release. A step adds `Call` operations if the models and
the database require them. It does not check versions, so it works for projects of every version and
never runs twice. A called function is copied into the revision, because a revision also runs years
later, without this package. The function may therefore use only `op`, `sa` and the helpers and
imports of its operation. The template's tests upgrade projects whose tables contain rows.
"""

import inspect
from collections.abc import Callable, Sequence
from textwrap import dedent
from typing import Any

from alembic.autogenerate import comparators, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrateOperation, UpgradeOps
from alembic.util import DispatchPriority

Function = Callable[..., Any]


class Call(MigrateOperation):
    """Calls a function in the upgrade of the revision, and `undo` in its downgrade."""

    def __init__(
        self,
        function: Function | None,
        *,
        undo: Function | None = None,
        helpers: Sequence[Function] = (),
        imports: Sequence[str] = (),
    ) -> None:
        self.function = function
        self.undo = undo
        self.helpers = helpers
        self.imports = imports

    def reverse(self) -> "Call":
        """Return the operation of the downgrade, which needs no helpers."""
        return Call(self.undo, undo=self.function)

    def to_diff_tuple(self) -> tuple[str, ...]:
        """Return the description of the operation for `alembic check`."""
        return ("call", self.function.__name__ if self.function else "")


@renderers.dispatch_for(Call)
def render(context: AutogenContext, operation: Call) -> list[str]:
    """Return the call, and pass the source of the functions to `script.py.mako`."""
    config = context.migration_context.config
    if operation.function is None or config is None:
        return []
    context.imports.update(operation.imports)
    functions = config.attributes.setdefault("functions", [])
    functions += [
        dedent(inspect.getsource(each)) for each in (*operation.helpers, operation.function)
    ]
    return [f"{operation.function.__name__}()"]


@comparators.dispatch_for("autogenerate", priority=DispatchPriority.LAST)
def add_steps(context: AutogenContext, operations: UpgradeOps) -> None:
    """Add the operations of each release after all other comparisons."""
    from dev.upgrade.steps import v0_2_2  # noqa: PLC0415 - the step imports this module

    v0_2_2.add(context, operations)
