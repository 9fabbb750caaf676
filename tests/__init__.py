"""The tests of the template: test modules here, what they share in `support` and `fixtures`."""

import pytest

pytest.register_assert_rewrite("tests.support")
