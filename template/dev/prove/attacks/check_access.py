"""The project's own tests of permissions: every operation as every role, with unchanged tables."""

from tests.access.test_access import (
    test_access_tables_list_exactly_the_operations_of_the_api,
    test_an_operation_returns_the_expected_status_for_each_role,
)

__all__ = [
    "test_access_tables_list_exactly_the_operations_of_the_api",
    "test_an_operation_returns_the_expected_status_for_each_role",
]
