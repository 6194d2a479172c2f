"""What passes the gate of a machine that is only looked at, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision import evidence
from provision.inventory import survey
from provision.reading.gate import why_not
from provision.reading.machine import ReadOnlyMachine, WouldChange
from tests.fake_machine import Answers, FakeMachine

READS = [
    "cat /etc/hosts",
    "sudo cat /etc/kubernetes/pki/ca.crt | wc -l",
    "sudo KUBECONFIG=/etc/kubernetes/admin.conf kubectl get nodes -o json",
    "sudo kubectl --kubeconfig /x --server https://10.0.0.1:6443 get --raw '/readyz?verbose'",
    "kubectl auth can-i delete configmaps/kubeadm-config -n kube-system --as system:node:w1 --as-group=system:nodes",
    'sudo find /etc -type f -exec sh -c \'for file; do echo "== $file"; cat "$file"; done\' _ {} +',
    'sudo nsenter --mount --target "$(pgrep -xo etcd)" etcdctl --cert /a --key /b endpoint health --write-out=json',
    "echo 'show stat' | sudo nc -U -N /run/haproxy/admin.sock",
    "nc -z -w 2 10.0.0.1 6443",
    "curl -sSk -m 5 https://127.0.0.1:10257/healthz 2>/dev/null",
    "curl -sS -o /dev/null -w '%{http_code}' -X DELETE 'https://lb:6443/api/v1/secrets?dryRun=All'",
    "systemctl is-active kubelet containerd; systemctl show -p Wants multi-user.target",
    "sudo /bin/sh -c 'getent ahostsv4 lb && test -d /run'",
    "timeout 5 journalctl --no-pager -u kubelet -n 3",
    "sudo openssl x509 -in /a.pem -noout -enddate",
    "command -v kubeadm kubelet; ss -Htln; swapon --show --noheadings; kubelet --version",
    "ip -4 -o address; ip route show; hostname -f; date -u",
]
CHANGES = [
    "rm /x",
    "sudo rm -rf /etc/kubernetes",
    "echo x > /etc/motd",
    "cat /a >> /b",
    "cat /a | tee /b",
    "cat /a | sudo sh -s",
    "sed -i s/a/b/ /x",
    "sudo -u root touch /x",
    "sudo KUBECONFIG=/x kubectl apply -f -",
    "kubectl -n kube-system delete pod x",
    "kubectl get pods --cache-dir /x",
    "kubectl exec x -- rm /y",
    "etcdctl put a b",
    "etcdctl member remove 1",
    "find / -delete",
    "find / -exec rm {} +",
    "find / -exec sh -c 'rm \"$1\"' _ {} +",
    'find / "$x"',
    "curl -X POST https://x",
    "curl -o /x https://x",
    "curl -d a=b https://x",
    "echo 'disable server a/b' | nc -U /run/haproxy/admin.sock",
    "echo x | nc 10.0.0.1 80",
    "systemctl restart kubelet",
    "journalctl --vacuum-size=1M",
    "ip address add 10.0.0.1/24 dev eth0",
    "ip route replace default via 10.0.0.1",
    "openssl x509 -in a -out b",
    "hostname other",
    "date -s 2020-01-01",
    "sysctl -w a=b",
    "kubeadm reset --force",
    "kubeadm init phase upload-certs --upload-certs",
    "PATH=/tmp cat /x",
    "LD_PRELOAD=/x cat /x",
    "cat() { rm /x; }; cat /y",
    '"$program" /x',
    "eval 'rm /x'",
    "export PATH=/x",
    "echo $(rm /x)",
    "cat <(rm /x)",
    "true && { rm /x; }",
    "for x in a; do rm $x; done",
    "if true; then rm /x; fi",
    "sh /tmp/script",
    "sudo -E -s <<'SCRIPT'\nrm /x\nSCRIPT",
    "nsenter --target 1 rm /x",
    "nsenter --target 1",
    "sudo -i",
    "sudo",
    "command rm /x",
    "ss -K dst 10.0.0.1",
    "etcd",
    "haproxy -f /etc/haproxy/haproxy.cfg",
    "iptables-save -f /x",
    "exec rm /x",
    ". /tmp/script",
    "coproc rm /x",
    "cat /x &> /y",
    "cat /x >| /y",
    "cat <> /y",
    "rm",
    "trap 'rm /x' EXIT",
    "alias cat=rm",
    "cat 'unfinished",
    "python3 -c 'print(1)'",
]


@pytest.mark.parametrize("command", READS)
def test_reads(command: str) -> None:
    assert why_not(command) == ""


@pytest.mark.parametrize("command", CHANGES)
def test_may_change_something(command: str) -> None:
    assert why_not(command)


def test_what_is_collected_and_surveyed_only_reads() -> None:
    collected = [line for commands in evidence._BY_ROLE.values() for line in commands.values()]
    look = survey._LOOK.format(name="lb", conntrack="/x", packages="a b", programs="kubeadm kubelet")
    assert {line: why_not(line) for line in (*collected, *evidence._EVERYWHERE.values(), look) if why_not(line)} == {}


def test_a_machine_that_is_looked_at_runs_what_reads() -> None:
    with Answers({"cat /etc/hosts": "127.0.0.1 localhost"}) as answers:
        assert ReadOnlyMachine(FakeMachine(answers)).succeed("cat /etc/hosts") == "127.0.0.1 localhost"


def test_and_nothing_else(tmp_path: Path) -> None:
    behind = FakeMachine({})
    machine = ReadOnlyMachine(behind)
    (tmp_path / "file").write_text("x")
    with pytest.raises(WouldChange, match="on cp1: `touch /x` was not run"):
        machine.run("touch /x")
    with pytest.raises(WouldChange):
        machine.run("true", agent=True)
    with pytest.raises(WouldChange):
        machine.put("/x", "y")
    with pytest.raises(WouldChange):
        machine.as_root("true\n")
    with pytest.raises(WouldChange):
        machine.feed("cat > /x", tmp_path / "file")
    assert behind.commands == []
