"""This host: addresses, locks, remembered clusters, commands, and doing things at once."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from provision.clusters.locks import ClusterLocks
from provision.clusters.state import States
from provision.config.cluster_state import ClusterState
from provision.errors import CommandFailed, HostLacks, Interrupted, TimedOut
from provision.machines import keys
from provision.providers import subnets
from provision.util import local
from provision.util.concurrency import NotYet, interrupted, together, wait_until
from provision.util.result import Result

RANGE = "198.18.0.0/22"
STATE = ClusterState("stacked-uploaded-1.37", "v1.37.2", 1, 0.0, subnet="198.18.0.0/24", engine="podman")


def test_the_same_cluster_gets_the_same_addresses() -> None:
    assert subnets.choose(RANGE, "a", []) == subnets.choose(RANGE, "a", [])


def test_addresses_that_are_taken_are_left_alone() -> None:
    first = subnets.choose(RANGE, "a", [])
    assert not subnets.choose(RANGE, "a", [first]).overlaps(first)


def test_clusters_try_different_networks_first() -> None:
    """What is left of one does not keep the next one waiting."""
    assert subnets.choose(RANGE, "a", []) != subnets.choose(RANGE, "b", [])


def test_networks_with_a_route_are_taken_and_the_default_route_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes = (
        '[{"dst": "default"}, {"dst": "10.0.0.0/8"}, {"dst": "10.9.9.9", "type": "broadcast"}, {"dst": "0.0.0.0/0"}]'
    )
    (tmp_path / "ip").write_text(f"#!/bin/sh\necho '{routes}'\n")
    (tmp_path / "ip").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert subnets.taken() == [IPv4Network("10.0.0.0/8")]


def test_the_error_for_a_full_range_names_its_users() -> None:
    with pytest.raises(HostLacks) as caught:
        subnets.choose(RANGE, "a", [IPv4Network("198.18.0.0/16")])
    assert ("198.18.0.0/16" in caught.value.answer, "--ha-addresses" in caught.value.fix) == (True, True)


def _taking(folder: Path) -> str:
    """A program that takes a cluster, and ends."""
    taken = f"ClusterLocks(Path({str(folder)!r})).take('a')"
    return f"from pathlib import Path; from provision.clusters.locks import ClusterLocks; {taken}"


def test_a_cluster_belongs_to_one_process(tmp_path: Path) -> None:
    claims = ClusterLocks(tmp_path)
    claims.take("a")
    program = _taking(tmp_path)
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ("another process is working on a" in other.stderr, claims.is_free("a")) == (True, False)


def test_a_claim_ends_with_its_process(tmp_path: Path) -> None:
    program = _taking(tmp_path)
    subprocess.run([sys.executable, "-c", program], check=True)
    assert ClusterLocks(tmp_path).is_free("a")


def test_state_round_trip_for_its_owner_only(tmp_path: Path) -> None:
    states = States(tmp_path)
    states.write(STATE)
    assert states.read(STATE.id) == STATE
    assert stat.S_IMODE((tmp_path / STATE.id / "state.json").stat().st_mode) == 0o600


def test_known_hosts_match_the_host_keys(tmp_path: Path) -> None:
    keys.write_keys(tmp_path, {"cp1": "198.18.0.11"})
    assert (tmp_path / "known_hosts").read_text() == f"198.18.0.11 {(tmp_path / 'cp1.host_key.pub').read_text()}"
    assert stat.S_IMODE((tmp_path / "cp1.host_key").stat().st_mode) == 0o600


def test_a_command_that_fails_says_how() -> None:
    with pytest.raises(CommandFailed, match="exited with 3") as caught:
        local.run(["sh", "-c", "echo because >&2; exit 3"])
    assert "because" in caught.value.answer


def test_a_missing_program_is_named() -> None:
    with pytest.raises(HostLacks, match="no-such-program"):
        local.run(["no-such-program"])


def test_a_full_disk_is_an_error_of_its_own() -> None:
    with pytest.raises(HostLacks, match="disk is full"):
        local.run(["sh", "-c", "echo 'write: no space left on device' >&2; exit 1"])


def test_a_command_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    with pytest.raises(TimedOut):
        local.run(["sh", "-c", f"sleep 60 & echo $! > {mark}; wait"], timeout=1)
    deadline = time.monotonic() + 30
    while Path(f"/proc/{mark.read_text().strip()}/cmdline").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    found = Path(f"/proc/{mark.read_text().strip()}/cmdline")
    assert not found.exists() or found.read_bytes() == b""  # gone, or a zombie that its parent has not waited for


def test_a_command_as_root_ends_with_its_caller_for_every_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """sudo gets no signal from the kernel, nor from its user: a shell before it gets one, and ends all as root."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(local, "is_root", lambda: False)
    program = f'echo "$*" >> {tmp_path}/calls\nshift\nexec "$@"'
    (tmp_path / "sudo").write_text(f"#!/bin/sh\n{program}\n")
    (tmp_path / "sudo").chmod(stat.S_IRWXU)
    assert local.run(["sh", "-c", "echo out; echo err >&2; exit 3"], root=True, check=False) == Result(
        3, "out\n", "err\n"
    )
    call = "from provision.util import local; local.is_root = lambda: False; local.run(['sleep', '60'], root=True)"
    caller = subprocess.Popen([sys.executable, "-c", call])
    _wait_until(lambda: "sleep 60" in (tmp_path / "calls").read_text())
    caller.kill()
    caller.wait()
    _wait_until(lambda: "kill" in (tmp_path / "calls").read_text())
    first, *_, last = (tmp_path / "calls").read_text().splitlines()
    group = last.removeprefix("-n kill -TERM -- -")
    assert first.startswith("-n setpriv --pdeathsig TERM -- ")
    _wait_until(lambda: not _group_lives(int(group)))


def _group_lives(group: int) -> bool:
    listed = subprocess.run(["ps", "-o", "stat=", "-g", str(group)], capture_output=True, text=True, check=False)
    return any(not line.startswith("Z") for line in listed.stdout.splitlines())


def _wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_results_of_concurrent_actions_are_in_order() -> None:
    assert together(lambda n: n * n, [3, 1, 2]) == [9, 1, 4]


def test_the_first_error_by_order_is_raised() -> None:
    def fail(n: int) -> None:
        raise ValueError(str(n))

    with pytest.raises(ValueError, match="1"):
        together(fail, [1, 2])


@pytest.fixture
def own_interrupt() -> Iterator[None]:
    """Python's own handler: this run's lets only the first interrupt through."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_calls_everything_off(own_interrupt: None) -> None:
    ended: list[bool] = []

    def work(_: int) -> None:
        while not interrupted():
            time.sleep(0.01)
        ended.append(True)
        raise Interrupted("called off")

    threading.Timer(0.3, lambda: os.kill(os.getpid(), 2)).start()
    with pytest.raises(KeyboardInterrupt):
        together(work, [1, 2, 3])
    assert ended == [True, True, True]


def test_waiting_quotes_the_last_reason() -> None:
    with pytest.raises(TimedOut, match="the sun is up") as caught:
        wait_until(lambda: NotYet("still dark"), timeout=0.05, what="the sun is up", every=0.01)
    assert caught.value.answer == "still dark"


def test_an_error_of_the_check_ends_the_wait() -> None:
    def check() -> NotYet | None:
        raise CommandFailed("it is dead")

    with pytest.raises(CommandFailed):
        wait_until(check, timeout=60, what="anything")


def test_an_ip_that_knows_no_json_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "ip").write_text("#!/bin/sh\necho 'default via 10.0.0.1 dev eth0'\n")
    (tmp_path / "ip").chmod(0o755)
    with pytest.raises(HostLacks, match="does not answer with JSON") as caught:
        subnets.taken()
    assert "default via" in caught.value.answer
    (tmp_path / "ip").write_text("""#!/bin/sh\necho '[{}, {"dst": "10.0.0.0/24"}, {"dst": "default"}]'\n""")
    assert subnets.taken() == [IPv4Network("10.0.0.0/24")]
