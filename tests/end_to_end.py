"""The commands of README.md and docs/, as a person types them, on one small cluster. `./run tests` runs this.

Called from a folder that is not the checkout. The cluster is the user's own, with the artifacts of `HA_HOME`.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import ssl
import subprocess
import tomllib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from ipaddress import IPv4Network
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from provision.clusters.state import States
from provision.config.cluster_id import ClusterId
from provision.config.cluster_state import ENDPOINT_NAME
from provision.machines import keys
from provision.util import local
from provision.util.home import Home
from tests.dozen import Dozen, void_in_the_end
from tests.typed_calls import CHOICES, ROOT, answer, call, columns, is_decided

INVENTORY = """\
name = "typed"
endpoint = "{endpoint}"
[login]
user = "ubuntu"
key = "{ssh}/{key}"
known_hosts = "{ssh}/{known_hosts}"
"""


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the user stands."""
    return tmp_path_factory.mktemp("somewhere else")


@pytest.fixture(scope="session", autouse=True)
def dozen(here: Path, request: pytest.FixtureRequest) -> Iterator[Dozen]:
    """Faults on a cluster of their own: they mostly wait, and so begin before all else, if they are chosen."""
    with Dozen(here) as dozen:
        if any(item.name == test_a_dozen_faults_break_no_promise.__name__ for item in request.session.items):
            dozen.begin()
        yield dozen


@pytest.fixture(scope="session")
def cluster(here: Path) -> Iterator[str]:
    """The id of a cluster that `./run up stacked` made; gone in the end, whatever happened."""
    made = answer(here, "./run", "up", "stacked").strip()
    try:
        yield made
    finally:
        call(here, "./run", "clean", made)


@pytest.fixture(scope="session")
def inventory(here: Path, cluster: str) -> str:
    """An inventory of the cluster's machines, as seen from where the user stands."""
    states = States(Home.default().clusters)
    state, ssh = states.read(cluster), states.folder(cluster) / "ssh"
    assert state
    endpoint = f"{ENDPOINT_NAME}:6443"
    text = INVENTORY.format(endpoint=endpoint, ssh=ssh, key=keys.LOGIN_KEY, known_hosts=keys.KNOWN_HOSTS)
    for each in ClusterId.parse(cluster).machines:
        address = IPv4Network(state.subnet)[each.host]
        text += f'[hosts.{each.name}]\nrole = "{each.role}"\naddress = "{address}"\n'
    (here / "hosts.toml").write_text(text)
    return "hosts.toml"


def test_doctor_finds_nothing_missing(here: Path) -> None:
    assert "NO " not in answer(here, "./run", "doctor")


def test_plan_names_machines_and_commands(here: Path) -> None:
    shown = answer(here, "./run", "plan", "stacked")
    assert "typed: Kubernetes v" in shown
    assert "kubeadm init" in shown


def test_artifacts_are_made_and_listed(here: Path) -> None:
    image = answer(here, "./run", "artifacts", "build").strip()
    assert image.split(":")[-1] in answer(here, "./run", "artifacts")


def test_status_shows_the_cluster_that_up_made(here: Path, cluster: str) -> None:
    (line,) = (line for line in answer(here, "./run", "status").splitlines() if line.startswith(f"{cluster}\t"))
    assert line.split("\t")[2:4] == ["ready", "kept"]


def test_kubeconfig_works_from_this_host(here: Path, cluster: str, tmp_path: Path) -> None:
    config = yaml.safe_load(answer(here, "./run", "kubeconfig", cluster))
    server, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    pair = tmp_path / "client.pem"
    pair.write_bytes(b64decode(user["client-certificate-data"]) + b64decode(user["client-key-data"]))
    context = ssl.create_default_context(cadata=b64decode(server["certificate-authority-data"]).decode())
    context.load_cert_chain(pair)
    address = urlsplit(server["server"])
    with (
        socket.create_connection((address.hostname, address.port), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname=server["tls-server-name"]) as connection,
    ):
        connection.sendall(b"GET /api/v1/nodes HTTP/1.0\r\nAccept: application/json\r\n\r\n")
        head, body = connection.makefile("rb").read().split(b"\r\n\r\n", 1)
    assert b" 200 " in head.splitlines()[0]
    assert [node["metadata"]["name"] for node in json.loads(body)["items"]] == ["cp1", "cp2", "cp3"]


def test_ssh_runs_a_command_on_a_machine(here: Path, cluster: str) -> None:
    assert answer(here, "./run", "ssh", cluster, "cp1", "hostname").strip() == "cp1"
    assert call(here, "./run", "ssh", cluster, "cp1", "exit", "7").returncode == 7


def test_ssh_without_a_machine_lists_the_machines(here: Path, cluster: str) -> None:
    lines = answer(here, "./run", "ssh", cluster).splitlines()
    assert [line.split()[0] for line in lines] == ["lb", "cp1", "cp2", "cp3"]


def test_what_the_page_leaves_out_on_a_machine_can_be_typed(here: Path, cluster: str) -> None:
    admin = "KUBECONFIG=/etc/kubernetes/admin.conf"
    nodes = answer(here, "./run", "ssh", cluster, "cp1", "sudo", admin, "kubectl", "get", "nodes")
    assert [line.split()[0] for line in nodes.splitlines()] == ["NAME", "cp1", "cp2", "cp3"]
    assert "pause" in answer(
        here, "./run", "ssh", cluster, "cp1", *["sudo", "ctr", "-n", "k8s.io", "containers", "list"]
    )


def test_a_cluster_that_is_ready_is_left_as_it_is(here: Path, cluster: str) -> None:
    before = States(Home.default().clusters).read(cluster)
    assert answer(here, "./run", "up", "stacked", "--ha-reuse", "yes").strip() == cluster
    assert States(Home.default().clusters).read(cluster) == before


_IN_ANY_ORDER = (".tox/harness/bin/python", "-m", "pytest", "-q", "-p", "tests.shuffled", "-k")


def test_a_paused_cluster_goes_on(here: Path, cluster: str) -> None:
    """Its pods were not started again: a run takes it as it is, and has it wait again."""
    assert answer(here, "./run", "pause", cluster).strip() == cluster
    assert "was paused, and goes on" in answer(
        here, *_IN_ANY_ORDER, "stacked and test_system_pods", "--ha-reuse=paused"
    )
    refused = call(here, "./run", "ssh", cluster, "cp1", "true")
    assert refused.returncode == 2
    assert answer(here, "./run", "resume", cluster).strip() == cluster
    assert answer(here, "./run", "ssh", cluster, "cp1", "hostname").strip() == "cp1"


def test_a_frozen_cluster_comes_back_as_it_was(here: Path, cluster: str) -> None:
    """After what nothing else heals: etcd's data and the certificates of two control planes are gone."""
    assert answer(here, "./run", "freeze", cluster, "whole").strip() == "whole"
    try:
        before = _digest(Home.default().frozen / "whole")
        for name in ("cp1", "cp2"):
            gone = "sudo rm -rf /etc/kubernetes/pki /var/lib/etcd/member; sudo touch /etc/after"
            answer(here, "./run", "ssh", cluster, name, gone)
        assert answer(here, "./run", "thaw", "whole").strip() == cluster
        assert _digest(Home.default().frozen / "whole") == before
        assert "/etc/after" not in answer(here, "./run", "ssh", cluster, "cp1", "ls -d /etc/a*")
        answer(here, *_IN_ANY_ORDER, "stacked and (test_etcd or test_system_pods)", "--ha-reuse=yes")
        assert ["whole", cluster] in columns(answer(here, "./run", "frozen"), 2)
    finally:
        assert answer(here, "./run", "frozen", "remove", "whole").strip() == "whole"
    assert ["whole"] not in columns(answer(here, "./run", "frozen"), 1)


def _digest(folder: Path) -> str:
    """A digest of every file, each inode once: most are shared with the image store."""
    script = f"cd {shlex.quote(str(folder))} && find . -type f -printf '%i %p\\n' | sort -u -k 1,1 | cut -d ' ' -f 2-"
    command = f"{script} | sort | tr '\\n' '\\0' | xargs -0 sha256sum | sha256sum"
    return local.run(["sh", "-c", command], root=True, timeout=600).stdout


def test_logs_of_every_machine_are_where_it_says(here: Path, cluster: str) -> None:
    folder = Path(answer(here, "./run", "logs", cluster).strip())
    assert {path.name for path in (here / folder).iterdir()} >= {"lb", "cp1", "cp2", "cp3", "commands.jsonl"}
    record = [json.loads(line) for line in (here / folder / "commands.jsonl").read_text().splitlines()]
    assert {"lb", "cp1", "cp2", "cp3"} <= {each.get("machine") for each in record}
    assert any("kubeadm init" in each.get("command", "") for each in record)


def test_what_is_broken_on_purpose_is_red_and_nothing_else(here: Path, cluster: str) -> None:
    """As docs/contributing.md says, on the scenarios about files."""
    tried = (".tox/harness/bin/pytest", "-q", "-k", "stacked and test_certificates", "--ha-reuse", "yes")
    assert call(here, *tried).returncode == 0
    key = "/etc/kubernetes/pki/apiserver.key"
    answer(here, "./run", "ssh", cluster, "cp2", "sudo", "chmod", "644", key)
    broken = call(here, *tried)
    answer(here, "./run", "ssh", cluster, "cp2", "sudo", "chmod", "600", key)
    assert broken.returncode == 1
    assert broken.stdout.splitlines()[-1].startswith("1 failed, ")


def test_a_selection_runs_from_elsewhere_and_is_kept_among_results(here: Path, cluster: str) -> None:
    answer(here, "./run", "stacked", "-q", "-k", "test_load_balancer", "--ha-reuse", "yes", "--ha-run-dir", "night")
    assert (here / "night" / "report.html").exists()
    answer(here, "./run", "results", "add", "night", "--store", "store")
    assert answer(here, "./run", "results", "page", "--store", "store", "--out", "page").strip().endswith("index.html")


def test_a_run_on_a_terminal_leaves_no_codes_of_it_in_files(here: Path, cluster: str) -> None:
    """`script` is a terminal, on which pytest writes in colour."""
    typed = f"{ROOT}/run stacked -k 'test_load_balancer' --ha-reuse yes --ha-run-dir coloured"
    shown = subprocess.run(
        ["script", "-qec", typed, "/dev/null"], cwd=here, env=os.environ | CHOICES | {"TERM": "xterm"},
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    assert (shown.returncode, b"\x1b[" in shown.stdout) == (0, True)
    files = [path for path in (here / "coloured").rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if b"\x1b" in path.read_bytes()] == []


def test_an_existing_cluster_is_checked_by_its_inventory(here: Path, inventory: str) -> None:
    assert "NO " not in answer(here, "./run", "doctor", "--ha-inventory=hosts.toml")
    assert "kubeadm init" not in answer(here, "./run", "plan", "stacked", "--ha-inventory=hosts.toml")
    assert "passed" in answer(here, "./run", "stacked", f"--ha-inventory={inventory}", "-q", "-k", "certificates")
    assert "survives the loss of any one control plane" in " ".join(answer(here, "./run", "check", inventory).split())
    assert "passed" in answer(here, "./run", "check", inventory, "-k", "certificates", "-v")


def test_a_cluster_of_this_host_is_checked_in_every_way(here: Path, cluster: str, inventory: str) -> None:
    """By its id, by a kubeconfig alone, with a login beside that, and from a bundle."""
    (here / "kubeconfig").write_text(answer(here, "./run", "kubeconfig", cluster))
    ssh = States(Home.default().clusters).folder(cluster) / "ssh"
    login = ("--kubeconfig", "kubeconfig", "--ssh", "ubuntu", "--key", str(ssh / keys.LOGIN_KEY))
    known = ("--known-hosts", str(ssh / keys.KNOWN_HOSTS))
    assert is_decided(answer(here, "./run", "check", cluster))
    assert "By kubeconfig alone" in answer(here, "./run", "check", "--kubeconfig", "kubeconfig")
    assert "by kubeconfig and ssh" in " ".join(answer(here, "./run", "check", *login, *known).split())
    bastion = tomllib.loads((here / inventory).read_text())["hosts"]["lb"]["address"]
    assert is_decided(answer(here, "./run", "check", *login, *known, "--jump", f"ubuntu@{bastion}"))
    files = ("--html", "check.html", "--json", "check.json", "--bundle", "facts.json")
    answer(here, "./run", "check", inventory, *files)
    assert "survives" in answer(here, "./run", "check", "--from", "facts.json")
    assert "PRIVATE KEY" not in (here / "facts.json").read_text()


AS_CHECKER = """
K='sudo kubectl --kubeconfig /etc/kubernetes/admin.conf'
echo {role} | base64 -d | $K apply -f - >&2
$K create clusterrolebinding checker --clusterrole kubeadm-ha-check --user checker >&2
$K -n kube-system get configmap kubeadm-config -o 'jsonpath={{.data.ClusterConfiguration}}' | sudo tee /root/cc.yaml >&2
sudo kubeadm kubeconfig user --config /root/cc.yaml --client-name checker 2>/dev/null
"""
"""A user who may do what the smallest ClusterRole allows, and a kubeconfig of this user's."""


def test_the_smallest_role_is_enough_for_a_check_by_kubeconfig(here: Path, cluster: str) -> None:
    role = b64encode((ROOT / "checks" / "cluster-role.yaml").read_bytes()).decode()
    made = answer(here, "./run", "ssh", cluster, "cp1", AS_CHECKER.format(role=role))
    config = yaml.safe_load(answer(here, "./run", "kubeconfig", cluster))
    config["users"][0]["user"] = yaml.safe_load(made)["users"][0]["user"]
    (here / "checker").write_text(yaml.safe_dump(config))
    answer(here, "./run", "check", "--kubeconfig", "checker", "--json", "checker.json")
    verdicts = json.loads((here / "checker.json").read_text())["verdicts"]
    assert {each["id"] for each in verdicts if "permission" in each.get("needs", "")} == {"KHA-KEY-002"}


DOZEN = (
    "balancer-does-not-start-with-its-machine", "balancer-does-not-know-a-control-plane",
    "expired-kubeconfig-of-a-controller-manager", "api-servers-certificate-ends-in-ten-days",
    "learner-was-announced-and-never-started", "bootstrap-token-never-ends", "stored-configuration-has-no-endpoint",
    "administrators-file-names-one-control-plane", "kube-proxy-connects-to-one-control-plane",
    "control-plane-does-not-reach-the-endpoint", "expired-kubeconfig-of-an-administrator",
    "one-controller-manager-has-another-flag",
)  # fmt: skip
"""Planted defects that take seconds and need no worker."""


def test_a_dozen_planted_defects_are_found_and_nothing_else(here: Path, cluster: str) -> None:
    shown = answer(here, "./run", "seeded", "--cluster", cluster, *DOZEN)
    assert "login: 12 of 12 found, 12 with nothing else at or above warning" in shown


def test_clean_removes_the_cluster_and_nothing_is_left_to_be_removed(here: Path, cluster: str) -> None:
    assert answer(here, "./run", "clean", cluster).strip() == cluster
    assert [cluster] not in columns(answer(here, "./run", "status"), 1)
    assert [cluster] not in columns(answer(here, "./run", "clean"), 1)


def test_a_dozen_faults_break_no_promise(dozen: Dozen) -> None:
    """As docs/faults.md has it. What a busy host makes say nothing, twice, is skipped with its reasons."""
    if void := void_in_the_end(dozen.beside(), dozen.alone):
        pytest.skip(f"void, also alone: {void}")
