"""What kubeadm and the other programs are given where addresses are of IPv6, or of both families."""

from __future__ import annotations

import re
import subprocess
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml

from fixtures.subjects.address_families import PREFERRED, REQUIRED, SECOND, service_versions, skip_without_both
from provision.artifacts.engines import Engine
from provision.config.addresses import Family
from provision.config.cluster_state import Endpoint
from provision.etcd import members
from provision.kubeadm import certificates, commands, configuration, kubeconfig, rejoining
from provision.kubeadm.printed import parse
from provision.loadbalancer import dns, haproxy
from provision.network import plugin
from provision.node.files import container_files
from provision.util.errors import BadInput
from tests.families import BOTH, V4, V6, cluster_of, documents
from tests.stand_ins import PRINTED

# What programs are given


def test_kubeadm_init_gets_networks_of_both_families_and_the_addresses_of_the_machine() -> None:
    found = documents(cluster_of(Family.DUAL))
    assert found["ClusterConfiguration"]["networking"] == {
        "podSubnet": "10.244.0.0/16,fd00:10:244::/56", "serviceSubnet": "10.96.0.0/12,fd00:10:96::/112"
    }  # fmt: skip
    init = found["InitConfiguration"]
    assert init["localAPIEndpoint"] == {"advertiseAddress": "198.18.0.11"}
    option = {"name": "node-ip", "value": "198.18.0.11,fd6b:7562:6561:7::b"}
    assert init["nodeRegistration"] == {"kubeletExtraArgs": [option]}


def test_kubeadm_init_has_the_pages_command_line_where_addresses_are_of_ipv4() -> None:
    assert commands.init_command(cluster_of(Family.IPV4)).endswith("--kubernetes-version v1.37.2")
    assert "--config kubeadm-config.yaml" in commands.init_command(cluster_of(Family.IPV6))


@pytest.mark.parametrize("control_plane", [True, False])
def test_a_join_gets_the_addresses_of_its_machine(control_plane: bool) -> None:
    cluster = cluster_of(Family.IPV6)
    machine = (cluster.control_planes if control_plane else cluster.workers)[1]
    assert configuration.joins_by_file(cluster, control_plane=control_plane)
    join = yaml.safe_load(configuration.render_join(cluster, parse(PRINTED), machine, control_plane=control_plane))
    option = {"name": "node-ip", "value": machine.address}
    assert join["nodeRegistration"]["kubeletExtraArgs"] == [option]
    section = join.get("controlPlane", {}).get("localAPIEndpoint")
    assert section == ({"advertiseAddress": machine.address} if control_plane else None)


def test_a_late_join_is_by_file_too() -> None:
    cluster = cluster_of(Family.IPV6)
    worker = cluster.workers[0]
    worker._answers = type(worker._answers)({re.compile("."): ""})  # type: ignore[attr-defined]
    commands.run_join(cluster, worker, parse(PRINTED).worker_join)
    assert any("kubeadm join --config kubeadm-join.yaml" in each for each in worker.commands)  # type: ignore[attr-defined]
    assert "commands.run_join" in Path(rejoining.__file__).read_text()


def test_requests_for_certificates_have_the_addresses_of_their_machine() -> None:
    cluster = cluster_of(Family.IPV6)
    rendered = configuration.render(cluster, machine=cluster.control_planes[2])
    assert f"advertiseAddress: {cluster.control_planes[2].address}" in rendered


INIT = "apiVersion: kubeadm.k8s.io/{}\nkind: InitConfiguration\nnodeRegistration: {{kubeletExtraArgs: {}}}\n"


def test_options_of_a_users_own_configuration_stay() -> None:
    own = INIT.format("v1beta4", "[{name: node-labels, value: a=b}]")
    found = documents(cluster_of(Family.DUAL, own=own))["InitConfiguration"]["nodeRegistration"]["kubeletExtraArgs"]
    assert [each["name"] for each in found] == ["node-labels", "node-ip"]


def test_an_address_in_a_users_own_configuration_is_refused() -> None:
    own = INIT.format("v1beta4", "[{name: node-ip, value: '::'}]")
    with pytest.raises(BadInput, match="node-ip is for one machine"):
        configuration.documents(cluster_of(Family.DUAL, own=own))


@pytest.mark.parametrize("family", [Family.IPV4, Family.IPV6])
def test_networks_of_another_family_than_the_machines_are_refused(family: Family) -> None:
    own = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: "
    own += "{podSubnet: '10.50.0.0/16,fd01::/56', serviceSubnet: '10.60.0.0/16,fd02::/112'}\n"
    with pytest.raises(BadInput, match="try --ha-addresses-family dual"):
        configuration.documents(cluster_of(family, own=own))
    networking = documents(cluster_of(Family.DUAL, own=own))["ClusterConfiguration"]["networking"]
    assert networking["podSubnet"] == "10.50.0.0/16,fd01::/56"


def _networks(pods: str, services: str) -> str:
    head = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
    return f"{head}networking: {{podSubnet: '{pods}', serviceSubnet: '{services}'}}\n"


@pytest.mark.parametrize(
    ("pods", "services", "refused"),
    [
        ("10.50.0.0/16,fd01::/56", "fd02::/112,10.60.0.0/16", "serviceSubnet is .*must begin with IPv4"),
        ("10.50.0.0/16,fd01::/56", "fd02::/112", "serviceSubnet is .*must begin with IPv4"),
        ("10.50.0.0/16", "10.60.0.0/16", "podSubnet is .*machines have addresses of the family dual"),
    ],
)
def test_networks_that_do_not_go_with_the_first_address_of_machines_are_refused(
    pods: str, services: str, refused: str
) -> None:
    with pytest.raises(BadInput, match=rf"mine.yaml: ClusterConfiguration\.networking\.{refused}"):
        configuration.documents(cluster_of(Family.DUAL, own=_networks(pods, services)))


@pytest.mark.parametrize(
    ("family", "pods", "services"),
    [
        (Family.DUAL, "10.50.0.0/16,fd01::/56", "10.60.0.0/16"),
        (Family.DUAL, "fd01::/56,10.50.0.0/16", "10.60.0.0/16,fd02::/112"),
        (Family.IPV6, "fd01::/56", "fd02::/112"),
        (Family.IPV4, "10.50.0.0/16", "10.60.0.0/16"),
    ],
)
def test_services_of_the_first_family_are_enough(family: Family, pods: str, services: str) -> None:
    found = documents(cluster_of(family, own=_networks(pods, services)))["ClusterConfiguration"]["networking"]
    assert found == {"podSubnet": pods, "serviceSubnet": services}


def test_only_what_needs_the_family_that_no_service_has_is_skipped() -> None:
    single = cluster_of(Family.DUAL, own=_networks("10.50.0.0/16,fd01::/56", "10.60.0.0/16"))
    for cluster, versions in ((single, (4,)), (cluster_of(Family.DUAL), (4, 6)), (cluster_of(Family.IPV6), (6,))):
        expected = configuration.expected(cluster)
        assert service_versions(cluster, expected) == versions
        skip_without_both(cluster, expected, PREFERRED, versions[0])
        if cluster is not single:
            skip_without_both(cluster, expected, REQUIRED, SECOND, 6)
    for wanted in (REQUIRED, SECOND, 6):
        with pytest.raises(pytest.skip.Exception, match="Services of IPv4 alone"):
            skip_without_both(single, configuration.expected(single), PREFERRED, wanted)


@pytest.mark.parametrize(
    ("family", "bind", "server"),
    [
        (Family.IPV4, "bind *:6443", "server cp1 198.18.0.11:6443"),
        (Family.IPV6, "bind [::]:6443 v6only", "server cp1 [fd6b:7562:6561:7::b]:6443"),
        (Family.DUAL, "bind [::]:6443 v4v6", "server cp1 198.18.0.11:6443"),
    ],
)
def test_the_load_balancer_listens_on_each_family(family: Family, bind: str, server: str) -> None:
    text = haproxy.render(6443, cluster_of(family).control_planes, family=family)
    assert {bind, server} <= {line.strip() for line in text.splitlines()}


def test_the_name_server_knows_both_addresses_of_a_name() -> None:
    text = dns.render(["198.18.0.2", "fd00::2"], {"a.test": ["198.18.0.2", "fd00::2"]})
    assert {"host-record=a.test,198.18.0.2,fd00::2", "listen-address=198.18.0.2,fd00::2"} <= set(text.splitlines())


def test_etcds_configurations_have_addresses_in_brackets_in_urls_alone() -> None:
    script = members.configurations_script(cluster_of(Family.IPV6, "external").etcd_machines, "v1beta4")
    assert "export HOST0=fd6b:7562:6561:7::1f\n" in script
    assert "advertiseAddress: ${HOST}\n" in script
    assert {each for each in re.findall("https://[^ ,\n]+", script) if "[${" not in each} == set()


def test_the_page_s_script_for_etcd_is_unchanged_where_addresses_are_of_ipv4() -> None:
    script = members.configurations_script(cluster_of(Family.DUAL, "external").etcd_machines, "v1beta4")
    assert ("value: https://${HOST}:2380\n" in script, "https://[" in script) == (True, False)


def test_files_are_copied_to_addresses_in_brackets() -> None:
    cluster = cluster_of(Family.IPV6)
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
