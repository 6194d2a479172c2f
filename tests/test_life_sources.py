"""What machines hold of a cluster's life, from lines as containerd, etcd, HAProxy, kubelets and the API write them."""

from __future__ import annotations

from provision.clusters.life import NOT_READ, SECTION
from report.life import balancer, containers, etcd, nodes
from report.life.machines import Held, held, seconds
from report.life.states import Interval, Point, intervals

BEGIN, END = seconds("2026-11-28T03:00:00Z"), seconds("2026-11-28T03:30:00Z")
OTHER, OWN = "ce078a539acce48d", "1e2189d5e2c4f815"
LOG = "/var/log/pods/kube-system_etcd-cp3_6bc99a01e2304a0fd85f2c155fa16ce3/etcd"


def at(clock: str) -> str:
    """A moment of the day as the journal prints it."""
    return f"{seconds(f'2026-11-28T{clock}Z'):.6f}"


def machine(name: str = "cp3", **sections: list[str]) -> Held:
    text = "".join(
        f"{SECTION}{section.replace('_', ' ')}\n" + "".join(f"{line}\n" for line in lines)
        for section, lines in sections.items()
    )
    return held(name, text)


def created(clock: str, name: str, letter: str) -> str:
    return (
        f'{at(clock)} cp3 containerd[39]: time="2026-11-28T{clock}Z" level=info msg="CreateContainer within sandbox '
        f'\\"{"5" * 64}\\" for &ContainerMetadata{{Name:{name},Attempt:0,}} returns container id \\"{letter * 64}\\""'
    )


def started(clock: str, letter: str) -> str:
    return (
        f'{at(clock)} cp3 containerd[39]: time="2026-11-28T{clock}Z" level=info msg="StartContainer for '
        f'\\"{letter * 64}\\" returns successfully"'
    )


def disconnected(clock: str, letter: str) -> str:
    return (
        f'{at(clock)} cp3 containerd[39]: time="2026-11-28T{clock}Z" level=info msg="shim disconnected" '
        f"id={letter * 64} namespace=k8s.io"
    )


def raft(clock: str, message: str, attempt: int = 0) -> str:
    line = f'{{"level":"info","ts":"2026-11-28T{clock}Z","logger":"raft","caller":"raft.go:1","msg":"{message}"}}'
    return f"{LOG}/{attempt}.log:2026-11-28T{clock}000000Z stderr F {line}"


def server(clock: str, name: str, state: str, process: int = 248) -> str:
    rest = "2 active and 0 backup servers left. 3 sessions active, 0 requeued, 0 remaining in queue."
    return (
        f"{at(clock)} lb haproxy[{process}]: Server control-planes/{name} is {state}, reason: Layer4 timeout, "
        f"check duration: 1001ms. {rest}"
    )


def forked(clock: str) -> str:
    return f"{at(clock)} lb haproxy[181]: [NOTICE]   (181) : New worker (248) forked"


def shown(points: list[Point]) -> list[tuple[str, str, str]]:
    """(seconds after three o'clock, state, tone) of what lasted."""
    return [(f"{each.since - BEGIN:g}", each.state, each.tone) for each in _intervals(points)]


def _intervals(points: list[Point]) -> list[Interval]:
    return intervals(points, BEGIN, END)


def test_a_static_pod_that_is_restarted_is_gone_between() -> None:
    found = machine(containers=[
        created("03:00:10.0", "kube-apiserver", "a"), started("03:00:11.0", "a"), disconnected("03:01:00.0", "a"),
        created("03:01:02.0", "kube-apiserver", "b"), started("03:01:03.0", "b"),
    ])  # fmt: skip
    assert shown(list(containers.points(found))) == [
        ("11", "runs", "good"),
        ("60", "gone", "bad"),
        ("63", "runs", "good"),
    ]


def test_containerd_2_names_the_end_of_a_container_otherwise() -> None:
    exit_event = (
        f'{at("03:01:00.0")} cp3 containerd[39]: time="2026-11-28T03:01:00Z" level=info msg="received container exit '
        f'event container_id:\\"{"a" * 64}\\" id:\\"{"a" * 64}\\" pid:3450 exit_status:1"'
    )
    found = machine(containers=[created("03:00:10.0", "etcd", "a"), started("03:00:11.0", "a"), exit_event])
    assert shown(list(containers.points(found)))[-1] == ("60", "gone", "bad")


def test_a_container_that_follows_one_whose_end_was_not_logged_is_a_start() -> None:
    found = machine(containers=[
        created("03:00:10.0", "etcd", "a"), started("03:00:11.0", "a"),
        created("03:05:00.0", "etcd", "b"), started("03:05:01.0", "b"),
    ])  # fmt: skip
    assert [each.state for each in _intervals(list(containers.points(found)))] == ["runs", "gone", "runs"]


def test_containers_of_other_pods_and_ends_of_sandboxes_are_no_change() -> None:
    found = machine(containers=[
        created("03:00:10.0", "etcd", "a"), started("03:00:11.0", "a"),
        created("03:00:12.0", "kube-proxy", "b"), started("03:00:13.0", "b"), disconnected("03:02:00.0", "b"),
        disconnected("03:03:00.0", "5"),
    ])  # fmt: skip
    assert shown(list(containers.points(found))) == [("11", "runs", "good")]


def test_a_planted_change_of_the_leader_appears() -> None:
    found = machine(etcd=[
        raft("03:00:01.0", f"{OWN} became follower at term 5"),
        raft("03:00:02.0", f"raft.node: {OWN} elected leader {OTHER} at term 5"),
        raft("03:10:00.0", f"raft.node: {OWN} lost leader {OTHER} at term 5"),
        raft("03:10:01.0", f"{OWN} became candidate at term 6"),
        raft("03:10:01.5", f"{OWN} became leader at term 6"),
        raft("03:10:01.5", f"raft.node: {OWN} elected leader {OWN} at term 6"),
    ])  # fmt: skip
    assert shown(list(etcd.points(found))) == [
        ("1", "no leader", "waits"), ("2", "follower", "good"), ("600", "no leader", "bad"),
        ("601.5", "leader", "leader"),
    ]  # fmt: skip


def test_a_leader_that_steps_down_follows() -> None:
    found = machine(etcd=[
        raft("03:00:01.0", f"raft.node: {OWN} elected leader {OWN} at term 5"),
        raft("03:10:00.0", f"{OWN} became follower at term 6"),
        raft("03:10:00.2", f"raft.node: {OWN} changed leader from {OWN} to {OTHER} at term 6"),
    ])  # fmt: skip
    assert [each[1] for each in shown(list(etcd.points(found)))] == ["leader", "no leader", "follower"]


def test_a_member_that_learns_for_long_is_never_bad() -> None:
    found = machine(etcd=[
        raft("03:13:22.836", f"{OWN} switched to configuration voters=()"),
        raft("03:13:22.837", f"{OWN} became follower at term 0"),
        raft("03:13:22.857", f"{OWN} became follower at term 8"),
        raft("03:13:22.858", f"raft.node: {OWN} elected leader {OTHER} at term 8"),
        raft("03:13:23.065", f"{OWN} switched to configuration voters=({OTHER}) learners=({OWN})"),
        raft("03:25:00.000", f"{OWN} switched to configuration voters=({OWN} {OTHER})"),
    ])  # fmt: skip
    assert [each[1:] for each in shown(list(etcd.points(found)))] == [
        ("no leader", "waits"), ("learner", "learner"), ("follower", "good"),
    ]  # fmt: skip


def test_versions_of_etcd_that_write_members_as_decimal_numbers_have_learners_too() -> None:
    found = machine(etcd=[
        raft("03:13:22.858", f"raft.node: {OWN} elected leader {OTHER} at term 8"),
        raft("03:13:23.065", f"{OWN} switched to configuration voters=(14846) learners=({int(OWN, 16)})"),
    ])  # fmt: skip
    assert shown(list(etcd.points(found)))[-1][1] == "learner"


def test_a_member_whose_container_has_ended_is_gone() -> None:
    found = machine(
        containers=[created("03:00:00.5", "etcd", "a"), started("03:00:01.0", "a"), disconnected("03:05:00.0", "a")],
        etcd=[raft("03:00:02.0", f"raft.node: {OWN} elected leader {OWN} at term 5")],
    )
    points = [*etcd.points(found), *etcd.ended(containers.points(found))]
    assert shown(points) == [("2", "leader", "leader"), ("300", "gone", "bad")]


def test_a_server_that_goes_down_and_up_appears_on_the_row_of_its_machine() -> None:
    found = machine("lb", haproxy=[
        forked("03:00:01.0"), server("03:05:00.0", "cp2", "DOWN"), server("03:05:30.0", "cp2", "UP"),
    ])  # fmt: skip
    points = list(balancer.points(found))
    assert shown(points) == [("1", "UP", "good"), ("300", "DOWN", "bad"), ("330", "UP", "good")]
    assert {each.row for each in points} == {("cp2", "balancer, by lb")}
    assert {each.why for each in points if each.state == "DOWN"} == {"Layer4 timeout"}


def test_a_server_of_a_machine_that_never_joined_is_not_bad() -> None:
    """Its first check fails within a second, after each start of the balancer."""
    found = machine("lb", haproxy=[
        forked("03:00:01.0"), server("03:00:01.7", "cp4", "DOWN"), forked("03:08:00.0"),
        server("03:08:00.6", "cp4", "DOWN", process=300),
    ])  # fmt: skip
    assert shown(list(balancer.points(found))) == [("1.7", "DOWN", "waits")]


def test_the_same_line_by_two_ways_to_the_journal_is_one_change() -> None:
    twice = server("03:05:00.1", "cp2", "DOWN").replace("]: Server", "]: [WARNING]  (248) : Server")
    found = machine("lb", haproxy=[forked("03:00:01.0"), server("03:05:00.0", "cp2", "DOWN"), twice])
    assert len(shown(list(balancer.points(found)))) == 2


def test_a_server_that_no_line_is_about_was_all_along_as_it_is_at_the_end() -> None:
    status = [
        "# pxname,svname,status",
        "kube-apiserver,FRONTEND,OPEN",
        "control-planes,cp1,UP 1/2",
        "control-planes,BACKEND,UP",
    ]
    found = machine("lb", haproxy=[], haproxy_status=status)
    assert shown(list(balancer.points(found))) == [("0", "UP", "good")]


KUBELET = 'w1 kubelet[4]: I1128 03:00:00.0  4 kubelet.go:431] "Fast updating node status as it just became ready"'


def test_a_node_that_was_not_ready_appears_with_the_time_that_a_log_has() -> None:
    """The API knows seconds, and its Event of the same change is not another one."""
    found = machine(
        "w1", kubelet=[f"{at('03:00:30.800')} {KUBELET}"],
        api=["event w1 NodeReady 2026-11-28T03:00:30Z 2026-11-28T03:00:30Z Node w1 status is now: NodeReady",
             "event w1 NodeNotReady 2026-11-28T03:10:00Z 2026-11-28T03:10:00Z Node w1 status is now: NodeNotReady",
             "condition w1 Ready Unknown 2026-11-28T03:10:00Z"],
    )  # fmt: skip
    assert shown(list(nodes.points([found]))) == [("30.8", "Ready", "good"), ("600", "Unknown", "bad")]


def test_pressure_and_reboots_are_events_and_what_every_start_brings_is_none() -> None:
    found = machine(api=[
        "event w1 NodeHasDiskPressure 2026-11-28T03:10:00Z 2026-11-28T03:10:00Z Node w1 status is now",
        "event w1 NodeHasSufficientMemory 2026-11-28T03:10:01Z 2026-11-28T03:10:01Z Node w1 status is now",
        "event w1 Rebooted 2026-11-28T03:11:00Z 2026-11-28T03:11:00Z Node w1 has been rebooted",
        "event w1 RegisteredNode 2026-11-28T03:11:02Z 2026-11-28T03:11:02Z Node w1 event: Registered Node",
        "event w1 Rebooted <no value> <no value> <no value>",
    ])  # fmt: skip
    assert [each.reason for each in nodes.events([found])] == ["NodeHasDiskPressure", "Rebooted"]


def test_the_api_is_read_where_it_answered() -> None:
    dead = machine("cp1", api=[])
    alive = machine("cp2", api=["condition w1 Ready True 2026-11-28T03:00:30Z"])
    assert [each.state for each in nodes.points([dead, alive])] == ["Ready"]


def test_times_of_a_machine_whose_clock_is_ahead_are_put_on_the_clock_of_this_host() -> None:
    lines = [created("03:00:10.0", "etcd", "a"), started("03:00:11.0", "a")]
    found = machine(clock=["100.000 105.020 100.040"], containers=lines)
    assert [round(each.at - BEGIN, 2) for each in containers.points(found)] == [6.0]
    assert found.clock == (
        "The clock of cp3 was 5.0 s ahead of this host's when it was read (±0.02 s); its times are shifted by that."
    )


def test_a_clock_that_may_be_that_of_this_host_shifts_nothing() -> None:
    """As that of a container: the answer came anywhere between the two moments."""
    found = machine(clock=["100.000 100.030 100.400"])
    assert (found.ahead, found.clock) == (0.0, "")


def test_a_machine_that_was_not_read_says_why() -> None:
    assert (
        held("cp2", f"{SECTION}{NOT_READ}\ncp2 cannot be reached over SSH\n").missing
        == "cp2 cannot be reached over SSH"
    )


def test_lines_of_another_form_are_left_out() -> None:
    nonsense = ["", "a log line", "-- Boot 0 --", "1795.1 cp3", f"{LOG}/0.log:2026-13-45T99:99Z stderr F x", "event w1"]
    found = machine(clock=nonsense, containers=nonsense, etcd=nonsense, kubelet=[], api=nonsense, haproxy=nonsense,
                    haproxy_status=nonsense)  # fmt: skip
    points = [*containers.points(found), *etcd.points(found), *balancer.points(found), *nodes.points([found])]
    assert (points, list(nodes.events([found]))) == ([], [])
