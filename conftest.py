"""Options and the list of plugins; everything else is in fixtures/."""

import pytest

pytest_plugins = [
    "fixtures.options",
    "fixtures.run",
    "fixtures.scheduling",
    "fixtures.parameters",
    "fixtures.clusters",
    "fixtures.hosts",
    "fixtures.facts",
]
pytest.register_assert_rewrite("fixtures.facts")
