"""Options and the list of plugins; everything else is in fixtures/."""

# A module stands behind those that it imports: pytest can rewrite the assertions only of what is not imported yet.
pytest_plugins = [
    "fixtures.options",
    "fixtures.run",
    "fixtures.clusters",
    "fixtures.parameters",
    "fixtures.scheduling",
    "fixtures.looking",
    "fixtures.hosts",
    "fixtures.facts",
    "fixtures.rbac",
    "fixtures.files",
    "fixtures.balancer",
    "fixtures.etcd",
    "fixtures.uploaded",
    "fixtures.workload",
    "fixtures.secrets",
    "fixtures.refusals",
    "fixtures.late",
    "fixtures.preflight",
    "fixtures.losses",
    "fixtures.forwarding",
]
