"""Options and the list of plugins; everything else is in fixtures/."""

import pytest

# A module stands behind those that it imports: pytest can rewrite the assertions only of what is not imported yet.
PLUGINS = [
    "fixtures.plugin.options",
    "fixtures.plugin.redaction",
    "fixtures.plugin.run",
    "fixtures.plugin.ending",
    "fixtures.plugin.once",
    "fixtures.plugin.clusters",
    "fixtures.plugin.parameters",
    "fixtures.plugin.sharding",
    "fixtures.plugin.failures",
    "fixtures.plugin.scheduling",
    "fixtures.subjects.hosts",
    "fixtures.subjects.facts",
    "fixtures.subjects.configured",
    "fixtures.subjects.rbac",
    "fixtures.subjects.files",
    "fixtures.subjects.balancer",
    "fixtures.subjects.balancer_outages",
    "fixtures.subjects.forwarding",
    "fixtures.subjects.etcd",
    "fixtures.subjects.tokens",
    "fixtures.subjects.workload",
    "fixtures.subjects.address_families",
    "fixtures.subjects.secrets",
    "fixtures.subjects.refusals",
    "fixtures.subjects.joins",
    "fixtures.subjects.rehearsals",
    "fixtures.subjects.renewals",
    "fixtures.subjects.discoveries",
    "fixtures.subjects.addons",
    "fixtures.subjects.preflight",
    "fixtures.subjects.outages",
    "fixtures.subjects.faults",
    "fixtures.subjects.random_faults",
    "fixtures.subjects.checked",
    "fixtures.subjects.known_facts",
]


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Not by `pytest_plugins`: for each name in it pytest reads the entry points of every package that is installed."""
    for each in PLUGINS:
        pluginmanager.import_plugin(each)
