"""What end_to_end.py makes of the answers to what it types."""

from __future__ import annotations

import pytest

from tests.typed_calls import is_decided


@pytest.mark.parametrize(
    ("undecided", "decided"),
    [
        ("0 undecided", True),
        (
            "UNDECIDED 1 the hashes of members' data are of different\nrevisions KHA-ETCD-012; cluster, 1 undecided",
            True,
        ),
        ("UNDECIDED 1 the hashes of members' data cannot be read KHA-ETCD-012; cluster, 1 undecided", False),
        ("UNDECIDED 1 of different revisions KHA-ETCD-001; cluster, 1 undecided", False),
        ("UNDECIDED 2 of different revisions KHA-ETCD-012; cluster, 2 undecided", False),
    ],
)
def test_only_hashes_of_two_revisions_may_be_undecided(undecided: str, decided: bool) -> None:
    assert is_decided(undecided) is decided
