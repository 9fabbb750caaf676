"""Changes of data that a release needs, written into the project's own next revision.

A step is a module here, named after its release. It recognizes its case by what Alembic has found
to differ between the models and the database, never by a version, so that it works from every
origin and never twice; then it adds `Call` operations. A called function is copied into the
revision, because a revision also runs where this package does not exist, and years later. So the
function uses nothing but `op`, `sa` and what the operation names. The template's tests upgrade
projects that have rows.
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
    """Calls a function in the revision, and another one to undo it."""

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
        """Return what undoes it; the helpers are for the upgrade alone."""
        return Call(self.undo, undo=self.function)

    def to_diff_tuple(self) -> tuple[str, ...]:
        """Return what `alembic check` says."""
        return ("call", self.function.__name__ if self.function else "")


@renderers.dispatch_for(Call)
def render(context: AutogenContext, operation: Call) -> list[str]:
    """Return the call, and hand the source of the functions to `script.py.mako`."""
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
    """Add what each release needs, once everything else has been compared."""
    from dev.upgrade.steps import v0_2_2  # noqa: PLC0415 - it imports this module

    v0_2_2.add(context, operations)
