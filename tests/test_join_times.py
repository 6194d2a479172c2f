"""Where a join's time goes is read from what was printed, by the times that are written there."""

from __future__ import annotations

from tests.join_times import in_vain, parts, table

_STACKED = """\
1000.000000 # begins
1000.100000 I1128 10:30:08.552298    2366 certs.go:472] validating certificate period for ca certificate
1002.000000 [kubelet-start] Starting the kubelet
1002.500000 I1128 10:30:10.1    2366 etcd.go:492] [etcd] Adding etcd member "https://198.18.0.13:2380" as learner
1005.000000 I1128 10:30:12.1    2366 etcd.go:663] [etcd] The learner was promoted as a voting member: fe79faf20c65c370
1012.000000 [kubelet-check] The kubelet is healthy after 2.540754ms
1016.000000 # live
1021.000000 [control-plane-check] Waiting for healthy control plane components. This can take up to 4m0s
1021.500000 # ends
1020.250000 # certificate
1970-01-01T00:16:44.500000000Z stderr F {"msg":"starting etcd server"}
1970-01-01T00:16:51.000000000Z stderr F {"msg":"ready to serve client requests"}
1970-01-01T00:16:51.000000001Z stderr F {"msg":"ready to serve client requests"}
1003.000000 cp3 kubelet[9]: E1128 "Failed while requesting a signed certificate" err="… connection refused"
1014.250000 cp3 kubelet[9]: E1128 "Failed while requesting a signed certificate" err="…: Unauthorized" logger=""
"""


def test_each_part_lasts_from_the_moment_before_it() -> None:
    """The times of kubeadm's lines, of a container's log and of a file are on one axis."""
    assert parts(_STACKED) == {
        "checks before, certificates, manifests": 2.0,
        "until the new member of etcd is added": 0.5,
        "until it runs": 2.0,
        "until it is promoted": 0.5,
        "until it serves clients": 6.0,
        "until kubeadm sees it": 1.0,
        "until the new API server is live": 4.0,
        "until the kubelet has its certificate": 4.25,
        "until kubeadm sees it, and marks the node": 0.75,
        "until all components are healthy": 0.5,
    }


def test_the_parts_of_a_join_are_the_whole_of_it() -> None:
    """Nothing is counted twice where moments come in another order: the member served before it was promoted."""
    early = _STACKED.replace("00:16:51.", "00:16:44.6")
    assert parts(early)["until it serves clients"] == 0.0
    assert sum(parts(early).values()) == sum(parts(_STACKED).values()) == 21.5


def test_a_join_with_external_etcd_has_fewer_parts() -> None:
    """A line that is missing has no part, and its time is in the next one."""
    external = "\n".join(line for line in _STACKED.splitlines() if "etcd" not in line and "learner" not in line)
    found = parts(external)
    assert "until it runs" not in found
    assert sum(found.values()) == 21.5


def test_requests_in_vain_are_distinguished() -> None:
    """Refused, and answered by an API server that does not know the token yet."""
    assert list(in_vain(_STACKED)) == ["3.0 s (no answer)", "14.2 s (Unauthorized)"]
    assert not list(in_vain("1000.0 # begins\n"))


def test_a_row_says_how_many_joins_had_its_part() -> None:
    """A part that no join had has no row."""
    rows = list(table([{"until it is promoted": 0.5}, {"until it is promoted": 1.5, "until it runs": 2.0}]))
    assert "| until it is promoted | 2 | 1.0 s | 1.2 s | 1.4 s | 1.5 s |" in rows
    assert any(row.startswith("| until it runs | 1 |") for row in rows)
    assert not any("serves clients" in row for row in rows)
