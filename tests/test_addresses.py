"""Addresses of both families: how they are written, what programs are given, and what a host lacks for them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from provision.artifacts.engines import Engine
from provision.artifacts.home import Home
from provision.cluster import Cluster
from provision.clusters.lifecycle import Clusters
from provision.clusters.state import States
from provision.config import addresses
from provision.config.addresses import Family
from provision.config.cluster_state import ClusterState, Endpoint
from provision.config.configuration.own import OwnConfiguration
from provision.config.settings import Settings
from provision.errors import BadInput, HostLacks
from provision.etcd import members
from provision.kubeadm import certificates, commands, configuration, kubeconfig, rejoining
from provision.kubeadm.printed import parse
from provision.loadbalancer import dns, haproxy
from provision.network import plugin
from provision.node.files import container_files
from provision.providers import subnets
from provision.providers.container import ipv6
from provision.providers.finding import Finding
from tests.stand_ins import PRINTED, fake_cluster

V4, V6 = "198.18.0.0/24", "fd6b:7562:6561:7::/64"
BOTH = f"{V4},{V6}"
SUBNETS = {Family.IPV4: V4, Family.IPV6: V6, Family.DUAL: BOTH}
RANGE = "198.18.0.0/22"
VARIANTS = ("", "-ipv6", "-dual")


def _cluster(family: Family, topology: str = "stacked", own: str = "") -> Cluster:
    variant = "" if family is Family.IPV4 else f"-{family}"
    cluster = fake_cluster(name=f"{topology}-uploaded-1.37{variant}", subnet=SUBNETS[family])
    if own:
        cluster.state = cluster.state.but(configuration=OwnConfiguration("mine.yaml", own, {}).stored())
    return cluster


def _documents(cluster: Cluster) -> dict[str, Any]:
    return {each["kind"]: each for each in yaml.safe_load_all(configuration.render(cluster))}


# How they are written


@pytest.mark.parametrize(
    ("host", "written"),
    [
        ("198.18.0.2", "198.18.0.2:6443"),
        ("fd00::2", "[fd00::2]:6443"),
        ("lb.test", "lb.test:6443"),
        (ip_address("fd00::2"), "[fd00::2]:6443"),
    ],
)
def test_an_address_of_ipv6_stands_in_brackets_before_a_port(host: Any, written: str) -> None:
    assert (addresses.at(host, 6443), addresses.url(host, 6443)) == (written, f"https://{written}")


@given(st.ip_addresses(), st.integers(1, 65535))
def test_host_and_port_come_back_from_what_is_written(address: Any, port: int) -> None:
    host, _, written = addresses.at(address, port).rpartition(":")
    assert (ip_address(host.strip("[]")), int(written)) == (address, port)


@pytest.mark.parametrize(
    ("listed", "family"), [((V4,), Family.IPV4), ((V6,), Family.IPV6), ((V4, V6), Family.DUAL), ((V6, V4), Family.DUAL)]
)
def test_the_family_is_that_of_the_networks(listed: tuple[str, ...], family: Family) -> None:
    assert addresses.family_of(listed) is family


# What a cluster is


@pytest.mark.parametrize(
    ("family", "of_cp1"), [(Family.IPV4, ("198.18.0.11",)), (Family.IPV6, ("fd6b:7562:6561:7::b",)),
                           (Family.DUAL, ("198.18.0.11", "fd6b:7562:6561:7::b"))],
)  # fmt: skip
def test_a_machine_has_an_address_in_each_network(family: Family, of_cp1: tuple[str, ...]) -> None:
    cluster = _cluster(family)
    first = cluster.control_planes[0]
    assert (cluster.family, cluster.addresses_of(first), first.address) == (family, of_cp1, of_cp1[0])


def test_a_state_of_an_older_version_has_ipv4_addresses(tmp_path: Path) -> None:
    States(tmp_path).write(ClusterState("stacked-uploaded-1.37", "v1.37.2", 1, 0.0, subnet=V4))
    state = States(tmp_path).read("stacked-uploaded-1.37")
    assert state is not None
    assert (state.family, state.cidr, state.host_address) == (Family.IPV4, IPv4Network(V4), "198.18.0.1")


def test_a_state_with_two_networks_is_read_as_it_was_written(tmp_path: Path) -> None:
    States(tmp_path).write(ClusterState("stacked-uploaded-1.37-dual", "v1.37.2", 1, 0.0, subnet=BOTH))
    state = States(tmp_path).read("stacked-uploaded-1.37-dual")
    assert state is not None
    assert (state.family, state.networks) == (Family.DUAL, (IPv4Network(V4), IPv6Network(V6)))


@pytest.mark.parametrize(
    ("family", "cluster"), [("ipv4", "stacked-uploaded-1.37"), ("dual", "stacked-uploaded-1.37-dual"),
                            ("ipv6", "stacked-uploaded-1.37-ipv6")],
)  # fmt: skip
def test_the_usual_family_is_left_out_of_an_id(family: str, cluster: str) -> None:
    assert [str(each) for each in Settings.of({"addresses-family": family}).cluster_ids("stacked", "1.37")] == [cluster]


def test_families_of_kubeadms_ci_have_the_chosen_addresses() -> None:
    chosen = Settings.of({"addresses-family": "dual", "families": "yes"})
    assert chosen.cluster_id("stacked", "1.37").family is Family.DUAL


# Free networks


@pytest.mark.parametrize(("family", "length"), [(Family.IPV4, 1), (Family.IPV6, 1), (Family.DUAL, 2)])
def test_a_cluster_gets_a_network_of_each_version(family: Family, length: int) -> None:
    found = addresses.networks(subnets.choose(RANGE, "a", [], family))
    assert (tuple(each.version for each in found), len(found)) == (family.versions, length)
    assert all(each.subnet_of(addresses.ranges(RANGE)[each.version]) for each in found)  # type: ignore[arg-type]


def test_networks_of_ipv6_that_are_taken_are_left_alone() -> None:
    first = subnets.choose(RANGE, "a", [], Family.IPV6)
    second = subnets.choose(RANGE, "a", [IPv6Network(first)], Family.IPV6)
    assert not IPv6Network(first).overlaps(IPv6Network(second))
    assert subnets.choose(RANGE, "a", [IPv4Network("0.0.0.0/0")], Family.IPV6) == first


def test_a_route_to_all_of_the_range_leaves_nothing_free() -> None:
    with pytest.raises(HostLacks, match=re.escape("no free /64 for a in fd01::/62")) as caught:
        subnets.choose(f"{RANGE},fd01::/62", "a", [IPv6Network("fd01::/16")], Family.DUAL)
    assert ("fd01::/16" in caught.value.answer, "--ha-addresses" in caught.value.fix) == (True, True)


def test_routes_of_ipv6_are_read_where_a_cluster_has_such_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    six = '[{"dst": "default"}, {"dst": "fd00::/64"}, {"dst": "::1", "type": "local"}, {}]'
    (tmp_path / "ip").write_text(f"#!/bin/sh\n[ $1 = -6 ] && echo '{six}' || echo '[{{\"dst\": \"10.0.0.0/8\"}}]'\n")
    (tmp_path / "ip").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert subnets.taken() == [IPv4Network("10.0.0.0/8")]
    assert subnets.taken(Family.DUAL) == [
        IPv4Network("10.0.0.0/8"), IPv6Network("fd00::/64"), IPv6Network("::1/128")
    ]  # fmt: skip


def test_a_cluster_gets_the_addresses_that_its_id_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subnets, "taken", lambda family: [])
    clusters = Clusters(Settings.of({}), home=Home(tmp_path))
    families = [addresses.family_of(clusters.subnet(f"stacked-uploaded-1.37{each}").split(",")) for each in VARIANTS]
    assert families == [*Family]


# What is refused


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"provider": "vagrant"}, "are given to containers alone: machines of the provider vagrant have those"),
        ({"network": "flannel", "online": "yes"}, "the published manifest of network flannel is for IPv4 alone"),
        ({"engine": "docker"}, "made by podman, and by docker not yet"),
    ],
)
@pytest.mark.parametrize("family", ["ipv6", "dual"])
def test_what_has_ipv4_addresses_alone_is_refused_by_name(family: str, given: dict[str, str], message: str) -> None:
    with pytest.raises(BadInput, match=re.escape(message)):
        Settings.of({"addresses-family": family} | given)


@pytest.mark.parametrize("text", [f"{RANGE},{RANGE}", "fd00::/48", f"{RANGE},fd00::/80", f"fd00::/48,{RANGE}", "x", ""])
def test_ranges_that_are_not_usable_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not a usable"):
        Settings.of({"addresses": text or ","})


# What programs are given


def test_kubeadm_init_gets_networks_of_both_families_and_the_addresses_of_the_machine() -> None:
    found = _documents(_cluster(Family.DUAL))
    assert found["ClusterConfiguration"]["networking"] == {
        "podSubnet": "10.244.0.0/16,fd00:10:244::/56", "serviceSubnet": "10.96.0.0/12,fd00:10:96::/112"
    }  # fmt: skip
    init = found["InitConfiguration"]
    assert init["localAPIEndpoint"] == {"advertiseAddress": "198.18.0.11"}
    option = {"name": "node-ip", "value": "198.18.0.11,fd6b:7562:6561:7::b"}
    assert init["nodeRegistration"] == {"kubeletExtraArgs": [option]}


def test_kubeadm_init_has_the_pages_command_line_where_addresses_are_of_ipv4() -> None:
    assert commands.init_command(_cluster(Family.IPV4)).endswith("--kubernetes-version v1.37.2")
    assert "--config kubeadm-config.yaml" in commands.init_command(_cluster(Family.IPV6))


@pytest.mark.parametrize("control_plane", [True, False])
def test_a_join_gets_the_addresses_of_its_machine(control_plane: bool) -> None:
    cluster = _cluster(Family.IPV6)
    machine = (cluster.control_planes if control_plane else cluster.workers)[1]
    assert configuration.joins_by_file(cluster, control_plane=control_plane)
    join = yaml.safe_load(configuration.render_join(cluster, parse(PRINTED), machine, control_plane=control_plane))
    option = {"name": "node-ip", "value": machine.address}
    assert join["nodeRegistration"]["kubeletExtraArgs"] == [option]
    section = join.get("controlPlane", {}).get("localAPIEndpoint")
    assert section == ({"advertiseAddress": machine.address} if control_plane else None)


def test_a_late_join_is_by_file_too() -> None:
    cluster = _cluster(Family.IPV6)
    worker = cluster.workers[0]
    worker._answers = type(worker._answers)({re.compile("."): ""})  # type: ignore[attr-defined]
    commands.run_join(cluster, worker, parse(PRINTED).worker_join)
    assert any("kubeadm join --config kubeadm-join.yaml" in each for each in worker.commands)  # type: ignore[attr-defined]
    assert "commands.run_join" in Path(rejoining.__file__).read_text()


def test_requests_for_certificates_have_the_addresses_of_their_machine() -> None:
    cluster = _cluster(Family.IPV6)
    rendered = configuration.render(cluster, machine=cluster.control_planes[2])
    assert f"advertiseAddress: {cluster.control_planes[2].address}" in rendered


INIT = "apiVersion: kubeadm.k8s.io/{}\nkind: InitConfiguration\nnodeRegistration: {{kubeletExtraArgs: {}}}\n"


def test_options_of_a_users_own_configuration_stay() -> None:
    own = INIT.format("v1beta4", "[{name: node-labels, value: a=b}]")
    found = _documents(_cluster(Family.DUAL, own=own))["InitConfiguration"]["nodeRegistration"]["kubeletExtraArgs"]
    assert [each["name"] for each in found] == ["node-labels", "node-ip"]


def test_an_address_in_a_users_own_configuration_is_refused() -> None:
    own = INIT.format("v1beta4", "[{name: node-ip, value: '::'}]")
    with pytest.raises(BadInput, match="node-ip is for one machine"):
        configuration.documents(_cluster(Family.DUAL, own=own))


@pytest.mark.parametrize("family", [Family.IPV4, Family.IPV6])
def test_networks_of_another_family_than_the_machines_are_refused(family: Family) -> None:
    own = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: "
    own += "{podSubnet: '10.50.0.0/16,fd01::/56', serviceSubnet: '10.60.0.0/16,fd02::/112'}\n"
    with pytest.raises(BadInput, match="try --ha-addresses-family dual"):
        configuration.documents(_cluster(family, own=own))
    networking = _documents(_cluster(Family.DUAL, own=own))["ClusterConfiguration"]["networking"]
    assert networking["podSubnet"] == "10.50.0.0/16,fd01::/56"


@pytest.mark.parametrize(
    ("family", "bind", "server"),
    [
        (Family.IPV4, "bind *:6443", "server cp1 198.18.0.11:6443"),
        (Family.IPV6, "bind [::]:6443 v6only", "server cp1 [fd6b:7562:6561:7::b]:6443"),
        (Family.DUAL, "bind [::]:6443 v4v6", "server cp1 198.18.0.11:6443"),
    ],
)
def test_the_load_balancer_listens_on_each_family(family: Family, bind: str, server: str) -> None:
    text = haproxy.render(6443, _cluster(family).control_planes, family=family)
    assert {bind, server} <= {line.strip() for line in text.splitlines()}


def test_the_name_server_knows_both_addresses_of_a_name() -> None:
    text = dns.render(["198.18.0.2", "fd00::2"], {"a.test": ["198.18.0.2", "fd00::2"]})
    assert {"host-record=a.test,198.18.0.2,fd00::2", "listen-address=198.18.0.2,fd00::2"} <= set(text.splitlines())


def test_etcds_configurations_have_addresses_in_brackets_in_urls_alone() -> None:
    script = members.configurations_script(_cluster(Family.IPV6, "external").etcd_machines, "v1beta4")
    assert "export HOST0=fd6b:7562:6561:7::1f\n" in script
    assert "advertiseAddress: ${HOST}\n" in script
    assert {each for each in re.findall("https://[^ ,\n]+", script) if "[${" not in each} == set()


def test_the_page_s_script_for_etcd_is_unchanged_where_addresses_are_of_ipv4() -> None:
    script = members.configurations_script(_cluster(Family.DUAL, "external").etcd_machines, "v1beta4")
    assert ("value: https://${HOST}:2380\n" in script, "https://[" in script) == (True, False)


def test_files_are_copied_to_addresses_in_brackets() -> None:
    cluster = _cluster(Family.IPV6)
    first, *others = cluster.control_planes
    first._answers = type(first._answers)({re.compile("."): ""})  # type: ignore[attr-defined]
    certificates.copy(cluster)
    [script] = first.commands  # type: ignore[attr-defined]
    assert f'CONTROL_PLANE_IPS="[{others[0].address}] [{others[1].address}]"' in script


def test_a_kubeconfig_for_the_host_has_the_balancers_address_in_brackets() -> None:
    admin = yaml.safe_dump({"clusters": [{"cluster": {"server": "https://a.test:6443"}}]})
    assert "server: https://[fd00::2]:6443" in kubeconfig.rewritten(admin, Endpoint("a.test", "fd00::2"))


def test_containers_get_addresses_and_forwarding_of_their_families() -> None:
    both = [ip_address("198.18.0.2"), ip_address("fd00::2")]
    assert Engine.address_flags(both[:1]) == ("--ip=198.18.0.2",)
    assert Engine.address_flags(both) == (
        "--ip=198.18.0.2", "--ip6=fd00::2", "--sysctl=net.ipv6.conf.all.forwarding=1"
    )  # fmt: skip


def test_a_network_gets_every_subnet_and_no_other() -> None:
    command = Engine("podman", 1).network_create("n", BOTH, (), online=False)
    assert command[-5:] == ["--subnet", V4, "--subnet", V6, "n"]
    assert "--ipv6" not in command


def test_the_default_routes_are_one_of_each_family(tmp_path: Path) -> None:
    """The unit's own line, with what it reads and runs replaced."""
    unit = container_files(())["/etc/systemd/system/default-route.service"]
    script = unit.split("/bin/sh -c '", 1)[1].rsplit("'", 1)[0].replace("\\\n", "").replace("\\\\", "\\")
    (tmp_path / "environ").write_bytes(b"A=1\0HA_GATEWAY=198.18.0.2 fd00::2\0B=2\0")
    script = script.replace("/proc/1/environ", str(tmp_path / "environ")).replace("ip route", "echo ip route")
    answer = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert answer.splitlines() == ["ip route replace default via 198.18.0.2", "ip route replace default via fd00::2"]


# The routes of pods, by the script that runs on nodes

NODES = """\
w1 10.244.1.0/24,fd00:10:244:1::/64 198.18.0.21,fd00::15
w2 10.244.2.0/24,fd00:10:244:2::/64 198.18.0.22,fd00::16
w3 <none> 198.18.0.23
w4 10.244.4.0/24 <none>
"""


def _followed(tmp_path: Path, nodes: str, family: Family) -> tuple[list[str], Any]:
    manifest = plugin.routes_manifest(Endpoint("name.test", "198.18.0.2"), family)
    data = next(each["data"] for each in yaml.safe_load_all(manifest) if each["kind"] == "ConfigMap")
    (tmp_path / "conflist").write_text(data["conflist"])
    (tmp_path / "kubectl").write_text(f"#!/bin/sh\ncat <<'E'\n{nodes}E\n")
    (tmp_path / "ip").write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/routes\n')
    for name in ("kubectl", "ip"):
        (tmp_path / name).chmod(0o755)
    script = data["follow"].replace("/scripts/", f"{tmp_path}/").replace("/etc/cni/net.d", str(tmp_path))
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "NODE_NAME": "w1"}
    subprocess.run(["sh", "-c", script], env=environment, check=True, timeout=20)
    written = yaml.safe_load((tmp_path / "10-routes.conflist").read_text())
    return (tmp_path / "routes").read_text().splitlines(), written["plugins"][0]["ipam"]


def test_a_node_has_a_route_of_each_family_to_every_other(tmp_path: Path) -> None:
    routes, ipam = _followed(tmp_path, NODES, Family.DUAL)
    assert routes == [
        "route replace 10.244.2.0/24 via 198.18.0.22", "route replace fd00:10:244:2::/64 via fd00::16"
    ]  # fmt: skip
    assert ipam["ranges"] == [[{"subnet": "10.244.1.0/24"}], [{"subnet": "fd00:10:244:1::/64"}]]
    assert ipam["routes"] == [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]


def test_pods_of_one_family_get_one_range(tmp_path: Path) -> None:
    nodes = "w1 10.244.1.0/24 198.18.0.21\nw2 10.244.2.0/24 198.18.0.22\n"
    routes, ipam = _followed(tmp_path, nodes, Family.IPV4)
    assert routes == ["route replace 10.244.2.0/24 via 198.18.0.22"]
    assert (ipam["ranges"], ipam["routes"]) == ([[{"subnet": "10.244.1.0/24"}]], [{"dst": "0.0.0.0/0"}])


# What a host lacks


def _program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def able(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host that has all of it, in a folder: its programs, and the kernel's settings below `ipv6`."""
    _program(tmp_path, "unshare", "exit 0")
    _program(tmp_path, "podman", "echo netavark")
    _program(tmp_path, "docker", "exit 0")
    _program(tmp_path, "sudo", 'while [ "${1#-}" != "$1" ]; do shift; done; exec "$@"')
    for name in ("all", "default"):
        (tmp_path / "ipv6/conf" / name).mkdir(parents=True)
        (tmp_path / "ipv6/conf" / name / "disable_ipv6").write_text("0\n")
    monkeypatch.setattr(ipv6, "_KERNEL", tmp_path / "ipv6")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def _lacking(family: str = "dual", **others: str) -> list[Finding]:
    return [each for each in ipv6.all_findings(Settings.of({"addresses-family": family, **others})) if not each.ok]


def test_a_host_that_has_everything_lacks_nothing(able: Path) -> None:
    assert (_lacking(), _lacking("ipv6")) == ([], [])


def test_nothing_is_checked_where_addresses_are_of_ipv4(able: Path) -> None:
    (able / "podman").unlink()
    assert list(ipv6.all_findings(Settings.of({}))) == []


def _without_kernel(host: Path) -> None:
    (host / "ipv6").rename(host / "gone")


def _disabled(host: Path) -> None:
    (host / "ipv6/conf/default/disable_ipv6").write_text("1\n")


def _without_tables(host: Path) -> None:
    _program(host, "unshare", 'echo "can\'t initialize ip6tables table nat" >&2; exit 3')


def _old_podman(host: Path) -> None:
    _program(host, "podman", "echo 'template: info:1: nil pointer' >&2; exit 125")


def _cni(host: Path) -> None:
    _program(host, "podman", "echo cni")


@pytest.mark.parametrize(
    ("breaking", "what", "fix"),
    [
        (_without_kernel, "IPv6: the kernel has none", "ipv6.disable=1"),
        (_disabled, "net.ipv6.conf.default.disable_ipv6 is 1", "sudo sysctl -w net.ipv6.conf.default.disable_ipv6=0"),
        (_without_tables, "(can't initialize ip6tables table nat)", "sudo modprobe ip6table_nat"),
        (_old_podman, "made by an older program", "apt-get install netavark"),
        (_cni, "networks are made by cni, and with IPv6 addresses by netavark", "network_backend"),
    ],
)
def test_what_a_host_lacks_is_named_with_what_to_type(
    able: Path, breaking: Callable[[Path], None], what: str, fix: str
) -> None:
    breaking(able)
    [finding] = _lacking()
    assert (what in finding.what, fix in finding.fix) == (True, True), finding


def test_docker_alone_is_named(able: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None if name == "podman" else f"/usr/bin/{name}")
    [finding] = _lacking()
    assert (finding.what, finding.packages) == (
        "networks with IPv6 addresses are made by podman, and by docker not yet", ("podman", "netavark")
    )  # fmt: skip
