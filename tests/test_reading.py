"""What passes the gate of a machine that is only read, and what does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provision.clusters import evidence
from provision.config.topology import Role
from provision.providers.inventory import facts
from provision.readonly.gate import why_not
from provision.readonly.machine import ReadOnlyMachine, WouldChange
from tests.fake_machine import Answers, FakeMachine

KUBECTL = "sudo KUBECONFIG=/etc/kubernetes/admin.conf KUBECACHEDIR=/dev/null kubectl"
COMMANDS = Path(__file__).parent / "commands"
CHECK_MODE: list[str] = json.loads((COMMANDS / "check_mode.json").read_text())
"""What check mode runs on machines: each command once, with the names and addresses of one cluster."""
BYPASSES: dict[str, list[str]] = json.loads((COMMANDS / "bypasses.json").read_text())
"""Commands that would do something behind what looks like reading, by what they hide it behind."""
UNUSUAL = [
    "sudo cat /etc/kubernetes/pki/ca.crt | wc -l",
    "sudo kubectl --kubeconfig=/etc/kubernetes/admin.conf get --raw /livez --server https://10.0.0.1:6443",
    f"{KUBECTL} -nkube-system get pods -owide -lk8s-app=kube-dns --sort-by=.metadata.name",
    f"{KUBECTL} describe node cp1",
    f"{KUBECTL} version -o json && {KUBECTL} config view --minify",
    "sudo env KUBECONFIG=/etc/kubernetes/super-admin.conf KUBECACHEDIR=/dev/null kubectl auth can-i '*' '*' -A",
    "sudo nsenter -t 123 -m etcdctl get / --prefix --keys-only -w json",
    "curl -sSkm5 https://127.0.0.1:10257/healthz 2>/dev/null",
    "curl -s -o/dev/null -w '%{http_code}' -XGET 'https://lb:6443/api/v1/namespaces/a/pods/b'",
    "curl --silent --head --max-time 5 http://10.0.0.1:8080/metrics",
    "timeout 5 journalctl --no-pager -qu kubelet -n3 --since '2026-01-01 10:00' --grep='x|y'",
    "sudo /usr/bin/openssl x509 -in /a.pem -noout -subject -enddate -checkend 3600",
    "command -v kubeadm kubelet; ss -Htln; swapon --show --noheadings; kubelet --version; haproxy -v",
    "ip -4 -o address; ip route show; ip -br link; hostname -f; date -u +%s; sysctl -n net.ipv4.ip_forward",
    'LC_ALL=C sort -t: -k2,2 -rn /etc/passwd | uniq -c | grep -c "a b" || echo "none"',
    'for file in /etc/hosts "/etc/resolv.conf"; do stat -c "%a %n" "$file"; done',
    "(cd /etc/kubernetes && ls -lR --time-style=full-iso) 2>&1 | head -n 20",
    "! test -e /x; { id -un; uname -r; } || exit 1",
    "sudo find /etc ~ -xdev ! -name '*.d' \\( -mtime -1 -o -size +10k \\) -exec stat -c '%a %n' {} \\;",
    "ctr -n k8s.io images ls -q; crictl ps -a -o json; nft -j list ruleset; kubeadm token list",
    "df -hP /var/lib; free -m; ps -ef; ps axfww; nproc --all; getent hosts lb; dpkg-query -W -f '${Package}\\n' etcd",
]
"""Harmless, and of the kind that check mode runs."""
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


@pytest.mark.parametrize("command", [*CHECK_MODE, *UNUSUAL])
def test_command_that_only_reads_is_allowed(command: str) -> None:
    assert why_not(command) == ""


@pytest.mark.parametrize("command", CHANGES)
def test_command_that_may_change_something_is_refused(command: str) -> None:
    assert why_not(command)


@pytest.mark.parametrize("hidden_behind", BYPASSES)
def test_no_known_way_leads_past_the_gate(hidden_behind: str) -> None:
    assert [command for command in BYPASSES[hidden_behind] if not why_not(command)] == []


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("cat /x; rm /y", "rm is not one of the programs that are known to only read"),
        ("kubectl -n a delete pod x", "kubectl delete is not known to only read"),
        ("systemctl -H show stop kubelet", "systemctl: option -H is not listed as one that only reads"),
        ("ss -HtK", "ss: option -K in -HtK is not listed as one that only reads"),
        ("curl -o /x https://y", "curl: option -o may not have the value /x"),
        ("echo x > /y", "> /y is a redirection that is not known to only read"),
        ("PATH=/x cat /y", "the variable PATH may not be set to /x"),
        ("PATH=/x; cat /y", "PATH=/x sets a variable for everything that follows"),
        ('"$x" /y', "what is only known when it runs is not one of the programs"),
        ("cat /x &", "the shell's & may hide what is run"),
        ("hostname x", "hostname may not be given x"),
        ("kubectl get nodes", "kubectl would leave its cache in the home folder: give it KUBECACHEDIR=/dev/null"),
    ],
)
def test_a_refusal_says_what_is_refused_and_why(command: str, reason: str) -> None:
    assert why_not(command).startswith(reason)


def test_commands_of_evidence_and_surveys_only_read() -> None:
    collected = [line for commands in evidence._BY_ROLE.values() for line in commands.values()]
    every = (*collected, *evidence._EVERYWHERE.values(), facts.script("lb", Role.CONTROL_PLANE))
    assert {line: why_not(line) for line in every if why_not(line)} == {}


def test_a_read_only_machine_runs_a_command_that_reads() -> None:
    with Answers({"cat /etc/hosts": "127.0.0.1 localhost"}) as answers:
        assert ReadOnlyMachine(FakeMachine(answers)).succeed("cat /etc/hosts") == "127.0.0.1 localhost"


def test_a_read_only_machine_refuses_everything_else(tmp_path: Path) -> None:
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
