"""The tests of the template. Test modules share the code in `support` and `fixtures`."""

import pytest

pytest.register_assert_rewrite("tests.support")
