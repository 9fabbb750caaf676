"""Reads rows with the SQL that SQLAlchemy compiles, but without its execution, which costs more."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    Engine,
    Select,
    event,
)
from sqlalchemy.engine import result_tuple
from sqlalchemy.types import TypeEngine

from app.core.db.reads import AnyRow

MAX_PLANS = 500

Statement = Select[*tuple[Any, ...]]
Converter = Callable[[Any], Any]


class Plan(NamedTuple):
    """How the driver executes a statement."""

    sql: str
    names: Sequence[str]  # the parameters, in the order of the SQL
    values: Mapping[str, Any]  # the parameters whose values the statement contains
    converters: Sequence[tuple[int, Converter]]  # by the index of the column
    make_row: Callable[[Iterable[Any]], AnyRow]


class Reader:
    """Executes SELECT statements in autocommit, on connections of the engine's pool.

    If the same statement object is executed again, it is planned, and the driver executes it from
    then on. SQLAlchemy still executes it if a listener or the log would miss it, and if a type
    converts its parameters. Errors are the same in both cases.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._executed: set[Statement] = set()
        self._plans: dict[Statement, Plan | None] = {}

    def read(self, statement: Statement, parameters: Mapping[str, Any]) -> Sequence[AnyRow]:
        """Return all rows. This must run in a greenlet of SQLAlchemy's."""
        plan = self._plans.get(statement)
        if plan is None or is_observed(self._engine):
            return self._execute(statement, parameters)
        given = {**plan.values, **parameters} if plan.values else parameters
        try:
            arguments = [given[name] for name in plan.names]
        except KeyError:
            return self._execute(statement, parameters)  # raises an error that says what is missing
        with self._engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            driver.autocommit = True
            try:
                cursor = driver.cursor()
                cursor.execute(plan.sql, arguments)
                found = cursor.fetchall()
            except BaseException as error:  # noqa: BLE001 - it is raised again
                return self._raise(connection, statement, parameters, error)
            finally:
                driver.autocommit = False
        if plan.converters:
            found = [_converted(row, plan.converters) for row in found]
        return [*map(plan.make_row, found)]

    def _execute(self, statement: Statement, parameters: Mapping[str, Any]) -> Sequence[AnyRow]:
        with self._autocommit.connect() as connection:
            result = connection.execute(statement, parameters)
            if statement not in self._plans:
                self._plan(statement, result)
            return result.all()

    def _plan(self, statement: Statement, result: CursorResult[*tuple[Any, ...]]) -> None:
        """Plan a statement, unless it may have been built for this execution only."""
        if len(self._executed) >= MAX_PLANS:
            self._executed.clear()
            self._plans.clear()
        if statement in self._executed:
            self._plans[statement] = create_plan(statement, result, self._engine.dialect)
        self._executed.add(statement)

    def _raise(
        self,
        connection: Connection,
        statement: Statement,
        parameters: Mapping[str, Any],
        error: BaseException,
    ) -> Sequence[AnyRow]:
        """Raise an error of the driver from SQLAlchemy, which converts it and calls `handle_error`.

        If the schema has changed, SQLAlchemy executes the statement: it prepares it again.
        """
        driver = self._engine.dialect.loaded_dbapi

        def fail(*_: object) -> None:
            raise error

        if isinstance(error, (driver.InvalidCachedStatementError, driver.InternalServerError)):
            self._plans.pop(statement, None)
        else:
            event.listen(connection, "before_cursor_execute", fail)
        return connection.execute(statement, parameters).all()


def is_observed(engine: Engine) -> bool:
    """Return whether a listener, the log or an option needs SQLAlchemy's own execution."""
    connections, driver = engine.dispatch, engine.dialect.dispatch
    return bool(
        connections.before_cursor_execute
        or connections.after_cursor_execute
        or connections.before_execute
        or connections.after_execute
        or connections.begin
        or connections.rollback
        or driver.do_execute
        or driver.do_execute_no_params
        or engine.get_execution_options()
        or engine.logger.isEnabledFor(logging.INFO)
    )


def _converted(row: Iterable[Any], converters: Sequence[tuple[int, Converter]]) -> list[Any]:
    values = [*row]
    for index, convert in converters:
        values[index] = convert(values[index])
    return values


def create_plan(
    statement: Statement, result: CursorResult[*tuple[Any, ...]], dialect: Dialect
) -> Plan | None:
    """Return the plan of a statement with this result; `None` if only SQLAlchemy can execute it."""
    compiled = statement.compile(dialect=dialect)
    columns, keys = [*statement.selected_columns], [*result.keys()]
    if statement.get_execution_options() or not _are_same(columns, keys):
        return None
    names = compiled.positiontup or []
    given = {name: compiled.binds[name] for name in names}
    if compiled.post_compile_params or compiled.literal_execute_params:
        return None
    if not all(_is_sent_unchanged(each, name, dialect) for name, each in given.items()):
        return None
    described = zip(columns, result.cursor.description or (), strict=True)
    converters = [_converter(column.type, code, dialect) for column, (_, code, *_) in described]
    return Plan(
        str(compiled),
        names,
        {name: each.value for name, each in given.items() if not each.required},
        [(index, each) for index, each in enumerate(converters) if each],
        result_tuple(keys, [(column,) for column in columns]),
    )


def _are_same(columns: Sequence[ColumnElement[Any]], keys: Sequence[str]) -> bool:
    """Return whether the columns have these keys, and each its own.

    An entity may have deferred columns. For a repeated key, SQLAlchemy's rows raise an error.
    """
    names = [str(getattr(each, "name", None)) for each in columns]
    return len({*keys}) == len(names) and all(map(str.startswith, keys, names))


def _is_sent_unchanged(each: BindParameter[Any], name: str, dialect: Dialect) -> bool:
    converts = each.type.dialect_impl(dialect).bind_processor(dialect)
    return not converts and not each.callable and (not each.required or each.key == name)


def _converter(kind: TypeEngine[Any], code: object, dialect: Dialect) -> Converter | None:
    kind = kind.dialect_impl(dialect)
    if isinstance(kind, ARRAY) and not kind.as_tuple:
        item = kind.item_type.dialect_impl(dialect)
        if item.result_processor(dialect, code) is None:
            return None  # the driver's list, which SQLAlchemy would copy
    return kind.result_processor(dialect, code)
