"""curl as a client in a pod's network: the script that sends what it reads, and what its answers mean. The latter is
pure.

The images that clusters have anyway hold no client of the API that names what went wrong: the test server's own
(agnhost) has no TLS, and where it is put together from source it has neither a shell nor curl. So the machine's curl
runs in the network namespace of a pod, with its name servers, its token and its authority: what leaves is the pod's, by
kube-proxy's rules for pods, and no API server stands between (`kubectl exec` goes through one). Each request is a
process of its own, and curl sends a request again only on a connection that it had kept.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from resilience.histories.records import Loss
from resilience.traffic.transport import Lost, Request, Response

HOST = "kubernetes.default.svc"
"""The Service's name in its namespace, as the API server's certificate has it, too."""

SCRIPT = r"""
pods() { grep -lsE "pod${1//-/[-_]}" /proc/[0-9]*/cgroup | cut -d/ -f3; }
for pid in $(pods "$1"); do
  secrets=/proc/$pid/root/var/run/secrets/kubernetes.io/serviceaccount
  [ -s "$secrets/token" ] && break
  pid=
done
[ -n "${pid-}" ] || { echo "no process of the pod has its token"; exit 1; }
exec nsenter --net="/proc/$pid/ns/net" unshare --mount bash -c '
names=$(mktemp) && cat "/proc/$1/root/etc/resolv.conf" >"$names" && mount --bind "$names" /etc/resolv.conf || exit 1
rm "$names"
echo ready
while IFS=" " read -r id method url body; do
  [ -s "$2/token" ] || exit 1  # the container has ended: another one is to be found
  { printf %s "${body#-}" | base64 -d | curl -sS --http1.1 --noproxy "*" --cacert "$2/ca.crt" \
      --connect-timeout "$3" --max-time "$4" -X "$method" \
      -H @<(printf "Authorization: Bearer %s\n" "$(cat "$2/token")") -H "Content-Type: application/json" -H Expect: \
      ${body:+--data-binary @-} -w "\n%{http_code} %{time_namelookup} %{time_appconnect} " "$url" 2>&1
    echo "${PIPESTATUS[2]}"
  } | { printf "%s " "$id"; base64 -w 0; echo; }
done' bash "$pid" "$secrets" "$2" "$3"
"""
"""For bash as root, with a pod's uid and two limits in seconds. It reads `ID METHOD URL BODY` in lines, the body in
base64 with a - before it, and prints `ID` with what curl printed, in base64. The token is on no command line."""


def line(number: int, request: Request) -> str:
    """A request as the script reads it."""
    body = f"-{base64.b64encode(request.payload).decode()}" if request.payload else ""
    return f"{number} {request.method} https://{HOST}{request.path} {body}".rstrip() + "\n"


@dataclass(frozen=True)
class _Printed:
    """What curl printed: the answer's body, and behind it what it says of itself."""

    body: bytes
    status: int
    name_found: bool
    encrypted: bool
    rc: int


_TRAILER = re.compile(rb"\n(\d{3}) ([\d.,]+) ([\d.,]+) (\d+)\s*\Z")
_MESSAGE = re.compile(rb"curl: \(\d+\) ([^\n]*)")


def answer(printed: bytes) -> Response:
    """The answer in what curl printed; raises Lost."""
    found = _TRAILER.search(printed)
    if not found:
        raise Lost(Loss.OTHER, "curl printed nothing that can be read", sent=True)
    status, name, encrypted, rc = found.groups()
    body = printed[: found.start()]
    result = _Printed(body, int(status), _passed(name), _passed(encrypted), int(rc))
    if result.rc == 0 and result.status:
        return Response(result.status, result.body)
    messages = _MESSAGE.findall(body + b"\n")
    why = messages[-1].decode(errors="replace") if messages else f"curl exited with {result.rc}"
    raise Lost(_how(result, why), f"curl {result.rc}: {why}"[:200], sent=result.encrypted)


def _passed(seconds: bytes) -> bool:
    """Whether a phase was ended: curl reports 0 for one that was not, and some locales print a comma."""
    return float(seconds.replace(b",", b".")) > 0


_KINDS: Mapping[int, Loss] = MappingProxyType(
    {6: Loss.NAME, 18: Loss.RESET, 51: Loss.TLS, 52: Loss.RESET, 55: Loss.RESET, 56: Loss.RESET, 60: Loss.TLS}
)
"""Exit status → kind: https://curl.se/libcurl/c/libcurl-errors.html. 7, 28 and 35 are several."""


def _how(printed: _Printed, why: str) -> Loss:
    text = why.lower()
    match printed.rc:
        case 28:
            return Loss.TIMEOUT if printed.name_found or "resolv" not in text else Loss.NAME
        case 7:
            return _unconnected(text)
        case 35:
            broken = "reset" in text or "eof" in text or "syscall" in text or "closed" in text
            return Loss.RESET if broken else Loss.TLS
    return _KINDS.get(printed.rc, Loss.OTHER)


def _unconnected(text: str) -> Loss:
    """curl 7.88 says "Couldn't connect to server" for each reason, and older ones name the
    kernel's. What takes no time and has no route is rare; a port that nothing listens on is not."""
    if "route" in text or "unreachable" in text:
        return Loss.UNREACHABLE
    return Loss.TIMEOUT if "timed out" in text else Loss.REFUSED
