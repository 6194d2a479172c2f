"""`python -m checks.outputs.catalogue > docs/checks.md`: the page of all rules, by kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from urllib.parse import urlsplit

from checks.outputs.kinds import heading, kind_of, place
from checks.outputs.summary import ranges
from checks.rules.rule import Rule, rules

_HEAD = """\
# What is checked

This page is generated from the rules: `python -m checks.outputs.catalogue > docs/checks.md`.
`--explain ID` prints one of them.

Severity is by consequence:

| severity | meaning |
| --- | --- |
| critical | it is down, or will be with the next restart or expiry |
| warning | after the loss of one machine the API or data would be gone, or high availability is silently lost already |
| notice | it differs from advice |

What a check finds is compared with what the cluster's own configuration says, never with kubeadm's defaults. In a
command, `{machine}` and other names in braces stand for what was found.

| exit status | meaning |
| --- | --- |
| 0 | nothing at or above `--fail-on` (warning, unless it is given) was found |
| 1 | something was found that no baseline accepts |
| 2 | invalid usage, or not a cluster that kubeadm made |
| 3 | nothing was found, but more than half of the checks that the given access allows are undecided |

What only a login decides is not counted where none was given, and what another finding explains counts as decided: a
healthy cluster is 0 with a kubeconfig alone. What is undecided is listed with its reason and the access that would
decide it.

## Accepted findings

`--baseline FILE` names a TOML file. An accepted finding is still shown, with its reason, and does not count:

```toml
[[accepted]]
id = "KHA-LB-001"
machine = "lb1"
reason = "The balancer is replaced in January, and cannot do more."
date = 2026-11-26
until = 2027-01-31
```

`machine` and `until` may be left out. A finding about several machines is accepted where each of them is. The last day
on which an entry counts is `until`; entries whose time is over, and entries that match nothing, are noted in the
report. Unknown keys are refused.

## Outputs

| output | for |
| --- | --- |
| text | a terminal: worst first |
| HTML | one file that needs nothing else, also on a telephone |
| JSON | programs, and `--compare`: [its schema](checks.schema.json) is versioned; new keys may be added to a version |
| SARIF 2.1.0 | what collects findings: machines are logical locations, accepted findings are suppressed |
| JUnit | CI: a test for each check of each machine; findings at or above `--fail-on` fail, undecided ones are skipped |
| Prometheus | the textfile collector of the node exporter: `kubeadm_ha_check_findings` by severity, and others |
"""


def catalogue(known: Iterable[Rule]) -> str:
    """The page."""
    in_order = sorted(known, key=lambda each: (place(kind_of(each.id)), each.id))
    kinds = groupby(in_order, key=lambda each: kind_of(each.id))
    return "\n".join([_HEAD, *(line for kind, mine in kinds for line in _kind(kind, mine))])


def _kind(kind: str, mine: Iterable[Rule]) -> Iterator[str]:
    yield f"## {heading(kind)}\n"
    for rule in mine:
        yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}\n"
    yield f"**{_escaped(rule.title)}** {rule.severity.value.capitalize()}. {_escaped(rule.why)}\n"
    yield f"```text\n{rule.fix}\n```\n"
    because = f" Not reported where it follows from {ranges(sorted(rule.because_of))}." if rule.because_of else ""
    yield f"[{_name(rule.page)}]({rule.page}).{because}\n"


def _name(page: str) -> str:
    """What a link is called: the host, and the last part of the path."""
    parts = urlsplit(page)
    last = next((each for each in reversed(parts.path.split("/")) if each), "")
    return f"{parts.netloc}: {last}" if last else parts.netloc


def _escaped(text: str) -> str:
    """Characters that Markdown reads as its own, outside of code that the text marks itself."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(each if each.startswith("`") else re.sub(r"([*_<>\[\]\\])", r"\\\1", each) for each in parts)


if __name__ == "__main__":
    print(catalogue(rules()), end="")
