"""What is different in every run, taken out of what commands print, so that two runs can be compared. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d| [+-]\d{4} \w+)?"
# Kubernetes takes the random ends of names from these letters (k8s.io/apimachinery/pkg/util/rand).
RANDOM = "[bcdfghjklmnpqrstvwxz2456789]"

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^Waiting for .*\n", re.M), ""),  # as often as kubectl looked
    (re.compile(r"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", re.S), r"‹\1›"),
    (re.compile(TIME), "‹time›"),
    (re.compile(r"\b[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ "), "‹time› "),  # klog
    (re.compile(r"\b[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d(?: \d{4})?(?: [A-Z]{3,4})?\b"), "‹time›"),
    (re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])"), "‹uid›"),
    (re.compile(r"\beyJ[\w-]{10,}\.[\w-]*\.[\w-]+"), "‹signature›"),
    (re.compile(r"\b(?:sha256:)?[0-9a-f]{32,}\b"), "‹digest›"),
    (re.compile(r"\b[A-Za-z0-9+/]{120,}={0,2}"), "‹data›"),
    (re.compile(r"(\"nodePort\": )\d+"), r"\1‹n›"),
    (re.compile(r"\b(?:\d+h)?(?:\d+m)?\d+\.\d+(?:s|ms|µs)\b|\b\d+(?:ms|µs)\b|\bafter \d+s\b"), "‹duration›"),
    (re.compile(rf"(?<=[a-z0-9])-{RANDOM}{{5}}(?![\w-])"), "-‹random›"),
    (re.compile(r"\b10\.244\.\d+\.\d+\b(?!/16)"), "‹pod address›"),
    (re.compile(r"\b10\.(?!96\.0\.10?\b)(?:9[6-9]|10\d|11[01])\.\d+\.\d+\b"), "‹service address›"),
    (re.compile(r"\b(Main PID|pid|PID)(:?) \d+"), r"\1\2 ‹n›"),
    (re.compile(r"\b([a-z0-9]{6})\.‹secret›"), "‹token›"),
    (re.compile(r"(jws-kubeconfig-|bootstrap-token-)[a-z0-9]{6}\b"), r"\1‹token›"),
)
_UNITS = re.compile(r"^(Wants=|Requires=|After=|Before=)(.*)$", re.M)
"""What systemd lists in no order."""
_CERTIFICATES = re.compile(r"^\[certs\] .*(?:\n\[certs\] .*)*", re.M)
"""What kubeadm makes in no order: a Go map has its certificates (cmd/kubeadm/app/phases/certs/certlist.go, 1.37.2)."""

_VOLATILE = {"uid", "creationTimestamp", "resourceVersion", "managedFields", "renewTime", "lastHeartbeatTime"}


def normal(text: str, names: Mapping[str, str]) -> str:
    """The text without what changes by itself. `names` are the run's machine addresses and what to call them."""
    text = _pretty(text)
    for address, name in sorted(names.items(), key=lambda item: -len(item[0])):
        text = re.sub(rf"(?<![\d.]){re.escape(address)}(?![\d])", f"‹{name}›", text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    text = _CERTIFICATES.sub(lambda match: "\n".join(sorted(match[0].splitlines())), text)
    return _UNITS.sub(lambda match: match[1] + " ".join(sorted(match[2].split())), text)


def _pretty(text: str) -> str:
    """JSON one value a line, in the order of its keys, so that a difference is a line; anything else as it is."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return json.dumps(_settled(json.loads(text)), indent=1, sort_keys=True, ensure_ascii=False)
    except ValueError:
        return text


def _settled(value: object) -> object:
    """Without what is new in every run; a text of several lines line by line."""
    if isinstance(value, str) and "\n" in value:
        return value.splitlines()
    if isinstance(value, dict):
        return {key: _settled(each) for key, each in value.items() if key not in _VOLATILE}
    return [_settled(each) for each in value] if isinstance(value, list) else value
