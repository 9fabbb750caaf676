"""The project's own tests of permissions, and the statuses of each role's requests."""

from dev.prove.attacks.checks import check, is_resource, report
from dev.prove.attacks.conftest import Prepare
from dev.prove.operations import Operation
from tests.access import ROLES
from tests.access.test_access import (
    test_access_tables_list_exactly_the_operations_of_the_api,
    test_an_operation_returns_the_expected_status_for_each_role,
)
from tests.databases import RolledBackDatabase

__all__ = [
    "test_access_tables_list_exactly_the_operations_of_the_api",
    "test_an_operation_returns_the_expected_status_for_each_role",
]


@check("undocumented status", is_resource)
async def test_the_description_has_the_statuses_of_two_equal_requests(
    operation: Operation, prepared: Prepare, database: RolledBackDatabase
) -> None:
    request = await prepared(operation)
    problems = []
    for role in ROLES:
        async with database.undone():
            statuses = [(await request.send(role)).status_code for _ in range(2)]
        problems += [
            f"the {nth} request as {role} is answered with {status}, which is not described"
            for nth, status in zip(("first", "second"), statuses, strict=True)
            if not operation.describes(status)
        ]
    report(problems)
