"""Images of registries that get no new ones."""

from __future__ import annotations

import pytest

from documentation.findings.rules import Weight
from documentation.pages import markdown
from documentation.reports import all_rules


def _weights(text: str) -> list[tuple[int, Weight]]:
    return [(each.line, each.weight) for each in all_rules.check(markdown.parse(text), None) if each.check == "image"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("```sh\ncrictl pull k8s.gcr.io/pause:3.9\n```", [(2, Weight.BREAKS)]),
        ("```yaml\na: 1\nimage: gcr.io/google_containers/pause\n```", [(3, Weight.MISLEADS)]),
        ("```sh\nkubeadm init\n```\n\n```none\npulled k8s.gcr.io/etcd\n```", [(6, Weight.MISLEADS)]),
        ("It runs `k8s.gcr.io/pause:3.9`.", [(1, Weight.MISLEADS)]),
        ("The registry `k8s.gcr.io` is frozen, and `registry.k8s.io/pause:3.9` is not.", []),
        ("```sh\nsed -i s,k8s.gcr.io/pause,registry.k8s.io/pause, a.yaml\n```", []),
        ("```sh\ncrictl pull registry.k8s.io/pause:3.9\n```", []),
        ("```sh\ncrictl pull my.k8s.gcr.io/pause\n```", []),
    ],
)
def test_an_image_of_a_frozen_registry_is_found_where_it_is_used(text: str, found: list[tuple[int, Weight]]) -> None:
    assert _weights(text) == found
