"""A page of a release that the programs at hand are not of: what they refuse there is no proof that an edit broke it.

What no release has stays as it is: a slip of a name that the programs do have, a configuration of an API that they
read, and a site or a registry that ended before that release. So does what came into a block that had been there.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from documentation.checks.links import listed
from documentation.checks.usage import FORMER
from documentation.findings.rules import Finding, Weight
from documentation.programs.kubeadm import age

_OF_PROGRAMS = ("kubeadm", "kubectl", "kubelet", "etcdctl", "flag")
_OF_SITES = ("gone", "image")
_REFUSED = re.compile(r"\bhas no (?:flag )?`?(?P<word>[\w-]+)|^`(?P<flag>--[\w-]+)` is not a flag\b")
_WORD = re.compile(r"--?\w[\w-]*|\w[\w-]*")
_UNREAD = re.compile(r"\bAPI v\d\w*: .*\bold API spec\b")  # and not one that never was
_ALIKE = 0.75  # of two names that one is a slip of the other, as for flags that are suggested


def weighed(found: Iterable[Finding], documented: str, version: str, stood: Collection[str] = ()) -> Iterator[Finding]:
    """The findings of a page of the release `documented`, by programs of `version`; both as in `v1.37`, or empty.

    What an earlier release may have had is a remark, which names both. `stood` are blocks that both pages have.
    """
    earlier = is_earlier(documented, version)
    for each in found:
        changed = each.check in _OF_PROGRAMS and each.block in stood
        if earlier and not changed and each.weight > Weight.REMARK and _may_have_been(each, documented):
            what = f"{each.what}; the page's site documents {documented}, and {version} decides"
            yield replace(each, weight=Weight.REMARK, what=what, about=each.about or each.what)
        else:
            yield each


def is_earlier(documented: str, version: str) -> bool:
    """Whether a release is earlier than a version; patches do not count, and what is unknown is not."""
    return bool(documented and version) and _minor(documented) < _minor(version)


def _minor(version: str) -> tuple[object, ...]:
    return age(".".join(version.split(".")[:2]))


def _may_have_been(fault: Finding, documented: str) -> bool:
    """Whether an earlier release may have had what is refused."""
    if fault.check == "api":
        return bool(_UNREAD.search(fault.what))
    if fault.check in _OF_SITES:
        needed = fault.check == "gone" and fault.weight is Weight.BREAKS  # what a command needs is gone for all
        return not needed and is_earlier(documented, listed().ended.get(fault.what.split()[0], ""))
    refused = _REFUSED.search(fault.what) if fault.check in _OF_PROGRAMS else None
    return refused is not None and not _is_a_slip(refused["word"] or refused["flag"], fault.fix)


def _is_a_slip(refused: str, fix: str) -> bool:
    """Whether a word is almost one of those that are suggested, and none that was given up for it."""
    alike = difflib.get_close_matches(refused, _WORD.findall(fix), n=1, cutoff=_ALIKE)
    return bool(alike) and refused != alike[0] and not refused.startswith(FORMER)
