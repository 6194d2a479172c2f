"""`python -m tests.join_times CLUSTER JOINS`: where the time of a control plane's join goes.

The last control plane of a kept cluster leaves it and joins it again, JOINS times, by the documented commands with
`-v=5`. What kubeadm prints gets the time at which it is printed; etcd's log, the first answer of the new API server and
the date of the kubelet's certificate say the rest. Prints a row of Markdown for each part of a join.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from provision.util.durations import duration
from tests.repeated_runs import percentiles

_ROOT = Path(__file__).resolve().parents[1]
_KUBECTL = "sudo kubectl --kubeconfig /etc/kubernetes/admin.conf"
_LEAVE = "sudo kubeadm reset -f 2>&1; sudo find /etc/cni/net.d -mindepth 1 -delete"
_MEMBERS = (
    f"{_KUBECTL} -n kube-system exec etcd-{{first}} -- etcdctl member list --cacert=/etc/kubernetes/pki/etcd/ca.crt "
    "--cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key"
)
_INVITE = (
    "key=$(sudo kubeadm init phase upload-certs --upload-certs 2>/dev/null | tail -1); "
    "sudo kubeadm token create --print-join-command --certificate-key $key 2>/dev/null"
)
_JOIN = """\
stamped() {{ while IFS= read -r line; do printf '%s %s\\n' "$EPOCHREALTIME" "$line"; done; }}
begun=$EPOCHREALTIME
echo "$begun # begins"
until curl -skf --max-time 10 -o /dev/null https://{address}:6443/livez
do sleep 0.05; done && echo "$EPOCHREALTIME # live" &
{{ sudo {command} -v=5 --ignore-preflight-errors SystemVerification 2>&1; }} | stamped
echo "$EPOCHREALTIME # ends"
wait
echo "$(sudo stat -c %.Y /var/lib/kubelet/pki/kubelet-client-current.pem) # certificate"
sudo find /var/log/pods -path '*_etcd-*/etcd/*.log' -newermt "@$begun" -exec cat {{}} + | grep -E {etcd}
sudo journalctl -u kubelet -o short-unix --since "@$begun" --no-pager | grep {in_vain}
true
"""
_IN_VAIN = "Failed while requesting a signed certificate"
_ETCD = "starting etcd server|ready to serve client requests"


@dataclass(frozen=True)
class Moment:
    """One moment of a join: `part` is what takes the time until it, `line` what is printed then."""

    part: str
    line: re.Pattern[str]


_MOMENTS = (
    Moment("", re.compile(r"# begins$")),
    Moment("checks before, certificates, manifests", re.compile(r"\[kubelet-start\] Starting the kubelet")),
    Moment("until the new member of etcd is added", re.compile(r"\[etcd\] Adding etcd member \S+ as learner")),
    Moment("until it runs", re.compile(r"starting etcd server")),
    Moment("until it is promoted", re.compile(r"The learner was promoted")),
    Moment("until it serves clients", re.compile(r"ready to serve client requests")),
    Moment("until kubeadm sees it", re.compile(r"\[kubelet-check\] The kubelet is healthy")),
    Moment("until the new API server is live", re.compile(r"# live$")),
    Moment("until the kubelet has its certificate", re.compile(r"# certificate$")),
    Moment("until kubeadm sees it, and marks the node", re.compile(r"\[control-plane-check\] Waiting for healthy")),
    Moment("until all components are healthy", re.compile(r"# ends$")),
)


def parts(output: str) -> dict[str, float]:
    """Seconds of each part of a join, by what was printed; without a part whose line is missing (external etcd).

    Each line begins with its time: seconds since 1970, or as the container runtime writes it. A moment that came before
    the one in front of it took no time.
    """
    found, before = {}, None
    for moment in _MOMENTS:
        at = min((_time(line) for line in output.splitlines() if moment.line.search(line)), default=None)
        if at is None:
            continue
        if before is not None:
            found[moment.part] = max(0.0, at - before)
        before = at if before is None else max(at, before)
    return found


def in_vain(output: str) -> Iterator[str]:
    """When the kubelet requested its certificate in vain, seconds after the join began, and what the answer was."""
    begun = min(_time(line) for line in output.splitlines() if line.endswith("# begins"))
    for line in output.splitlines():
        if _IN_VAIN in line:
            yield f"{_time(line) - begun:.1f} s ({'Unauthorized' if ': Unauthorized' in line else 'no answer'})"


def _time(line: str) -> float:
    first = line.split(maxsplit=1)[0]
    return datetime.fromisoformat(first).timestamp() if "T" in first else float(first)


def table(joins: Sequence[Mapping[str, float]]) -> Iterator[str]:
    """A row for each part, in the order of a join, and one for the whole: percentiles, and the worst."""
    yield "| part of a join | joins | p50 | p75 | p95 | worst |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    rows = {moment.part: [each[moment.part] for each in joins if moment.part in each] for moment in _MOMENTS[1:]}
    for part, seconds in {**rows, "the whole join": [sum(each.values()) for each in joins]}.items():
        if seconds:
            shown = (*percentiles(seconds), max(seconds))
            yield f"| {part} | {len(seconds)} | " + " | ".join(duration(each) for each in shown) + " |"


def main(typed: Sequence[str] | None = None) -> int:
    """Let it join, and print after each join what it took."""
    options = _parser().parse_args(typed)
    first, last = _control_planes(options.cluster)
    joins: list[dict[str, float]] = []
    for number in range(options.joins):
        output = _join(options.cluster, first, last)
        if options.kept:
            (options.kept / f"join-{number + 1}.txt").write_text(output)
        joins.append(parts(output))
        print(f"join {number + 1}: " + ", ".join(f"{part} {took:.1f} s" for part, took in joins[-1].items()))
        print(f"  the kubelet requested its certificate in vain: {', '.join(in_vain(output)) or 'never'}", flush=True)
    print("\n".join(table(joins)))
    return 0


def _control_planes(cluster: str) -> tuple[str, str]:
    listed = _on(cluster, "cp1", f"{_KUBECTL} get nodes -l node-role.kubernetes.io/control-plane -o name")
    names = sorted(line.removeprefix("node/") for line in listed.splitlines() if line.startswith("node/"))
    if len(names) < 2:
        sys.exit(f"{cluster} has {len(names)} control planes: one has to stay while another one joins")
    return names[0], names[-1]


def _join(cluster: str, first: str, last: str) -> str:
    left = _on(cluster, last, _LEAVE)
    if f" {last}, https" in _on(cluster, first, f"{_MEMBERS.format(first=first)} || true"):
        sys.exit(f"etcd has {last} still, after kubeadm reset, and no join can be measured; reset printed:\n{left}")
    _on(cluster, first, f"{_KUBECTL} delete node {last}")
    command = _on(cluster, first, _INVITE).splitlines()[-1]
    address = _on(cluster, last, "ip -4 -o address show eth0 | sed 's,.*inet \\([^/]*\\)/.*,\\1,'").strip()
    return _on(
        cluster, last, _JOIN.format(command=command, address=address, etcd=f"'{_ETCD}'", in_vain=f"'{_IN_VAIN}'")
    )


def _on(cluster: str, machine: str, command: str) -> str:
    call = [str(_ROOT / "run"), "ssh", cluster, machine, "--", command]
    done = subprocess.run(call, cwd=_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{machine}: the command ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.join_times", description=__doc__.splitlines()[0])
    parser.add_argument("cluster", metavar="CLUSTER", help="the id of a kept cluster")
    parser.add_argument("joins", type=int, metavar="JOINS")
    parser.add_argument("--kept", type=Path, metavar="FOLDER", help="where what was printed is kept; with tokens in it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
