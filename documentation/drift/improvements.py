"""An edit, judged on both sides: what was wrong on the old page and is not on the new one is an improvement there.

What differs because of it is not held against the new page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from documentation.drift import other_release, succession
from documentation.drift.compare import Comparison
from documentation.findings.rules import Finding, Found, Needs, Weight, rule
from documentation.pages.block import Page

_NEAR = 3  # lines around a fault that its correction may change, too
_OF_ALL = ("configuration", "script")  # rules that judge a block as a whole
_UNREADABLE = "yaml"  # the rule that finds what no program can read, so that no other rule judges it
_OF_NAMES = ("command", "configuration", "mention", "missing", "moved", "text")
_OF_WORDS = ("api", "etcdctl", "flag", "gone", "image", "kubeadm", "kubectl")  # rules that a line's own words decide
_OF_READING = ("configuration", "object")  # rules that judge what can be read as YAML
_OF_RELEASES = ("api", "config-map")  # rules that find what older releases have otherwise
_OF_FORMER_NAMES = ("kubeadm", "kubelet", "flag")  # rules that find it, and what never was, too
_API = re.compile(r"\bkubeadm\.k8s\.io/(v\d\w*)")
_LINKED = re.compile(r"\bkubeadm-config\.(v\d\w*)")  # the reference of an API
_OTHER_API = re.compile(r"\bAPI (v\d\w*):")
_FORMER_KINDS = re.compile(r"\b(?:Master|Node)Configuration\b")  # of v1alpha1 and v1alpha2 alone


@dataclass(frozen=True)
class Judged:
    """What rules about one page find on two editions of it.

    `own` has only the new page, `known` have both, `corrected` only the old one. A fault that changed its words, and is
    still there, is known. Where the new page cannot be read any more, nothing says that a fault is gone.
    """

    own: tuple[Finding, ...]
    known: tuple[Finding, ...]
    corrected: tuple[Finding, ...]

    @classmethod
    def of(
        cls, comparison: Comparison, before: Sequence[Finding], after: Sequence[Finding], version: str = ""
    ) -> Judged:
        """Find each fault of one page on the other; `version` is that of the programs that refuse things."""
        pairs = comparison.alignment.counterparts
        known, come = _known(after, before, {*pairs.values()})
        _, gone = _known(before, after, {*pairs})
        own: list[Finding] = []
        for each in come:
            same = next((one for one in gone if _is_the_same(one, each, pairs)), None)
            if same:
                gone.remove(same)
            (known if same else own).append(each)
        then = {pairs.get(each.block, "") for each in before if each.check == _UNREADABLE}
        stood = [] if comparison.translated else [each for each in own if _stood_already(each, comparison, then)]
        own, known = [each for each in own if each not in stood], [*known, *stood]
        needed = {each.identity for each in known if each.weight is Weight.BREAKS and not comparison.translated}
        own = [
            replace(each, weight=Weight.REMARK) if _only_names(each) and each.identity in needed else each
            for each in own
        ]
        if not comparison.translated:
            release = comparison.new.release or comparison.old.release  # a file's is that of the revision beside it
            own = [*other_release.weighed(own, release, version, {*pairs.values()})]
            older = is_of_an_older_release(comparison.old, before)
            right = [each for each in own if older and _was_right_then(each, comparison.old.source)]
            right += [] if apis(comparison.old) else [each for each in own if _links_to_an_api(each)]
            own = [replace(each, weight=Weight.REMARK) if each in right else each for each in own]
        unread = {each.block for each in after if each.check == _UNREADABLE}
        return cls(tuple(own), tuple(known), tuple(each for each in gone if pairs.get(each.block) not in unread))


def is_of_an_older_release(page: Page, found: Sequence[Finding]) -> bool:
    """Whether today's kubeadm reads no configuration API that a page names, by what is found on the page.

    Then its writers work on the page of that release, and a line more of it is not a slip. Code counts more than
    links; where neither names an API, kinds do that none has any more.
    """
    named = apis(page)
    refused = {api for each in found if each.check == "api" for api in _OTHER_API.findall(each.what)}
    return named <= refused if named else bool(_FORMER_KINDS.search(page.source))


def apis(page: Page) -> set[str]:
    """The versions of kubeadm's configuration API in a page's code; where there are none, those that it links to."""
    named = {api for block in page.blocks if block.kind.code for api in _API.findall(block.bare)}
    return named or {api for block in page.blocks for link in block.links for api in _LINKED.findall(link)}


def differences(comparison: Comparison, judged: Judged) -> tuple[Finding, ...]:
    """All differences, improvements among them; of a translation it is unknown which edition corrected it."""
    found = comparison.findings()
    if comparison.translated:
        return tuple(found)
    found = [replace(each, weight=Weight.REMARK) if _goes_with(each, comparison, judged) else each for each in found]
    for fault in judged.corrected:
        found += improved(fault, comparison) if fault.weight > Weight.REMARK else ()
    return tuple(sorted(found, key=lambda finding: finding.line))


@rule("improved", Weight.REMARK, Needs.REPORT)
def improved(fault: Finding, comparison: Comparison) -> Iterator[Found]:
    """What a rule about one page finds on the old one, and no longer on this one."""
    block = comparison.alignment.counterparts.get(fault.block, "")
    line = next((each.line for each in comparison.new.blocks if each.id == block), 1)
    what = f"corrects line {fault.line} of the other page: {fault.what}"
    yield Found(line, block or fault.block, what, about=fault.about, improves=True)


def _known(
    found: Sequence[Finding], others: Sequence[Finding], shared: set[str]
) -> tuple[list[Finding], list[Finding]]:
    """The findings of one page that the other has, too, and all others; `shared` are the blocks that both pages have.

    One more of a kind counts where it stands in a block of its own.
    """
    counts, theirs = (Counter(each.identity for each in page) for page in (found, others))
    known: list[Finding] = []
    alone: list[Finding] = []
    for each in found:
        more = counts[each.identity] > theirs[each.identity] and each.block not in shared
        (alone if more or not theirs[each.identity] else known).append(each)
    return known, alone


def _was_right_then(fault: Finding, page: str) -> bool:
    """Whether it may be right in an older release: its API, a former name, if the page has no newer one, and a link.

    A site that a command needs is gone for all.
    """
    named = fault.check in _OF_FORMER_NAMES and succession.has_former_name(fault.what, page)
    return named or fault.check in _OF_RELEASES or _only_names(fault)


def _links_to_an_api(fault: Finding) -> bool:
    """Whether words link to an API's reference: a page that names none before does not show of which release it is."""
    return fault.check == "api" and fault.weight is Weight.MISLEADS


def _only_names(fault: Finding) -> bool:
    """Whether a sentence names a site that is gone, which the commands of both pages need."""
    return fault.check == "gone" and fault.weight is Weight.MISLEADS


def _stood_already(fault: Finding, comparison: Comparison, unread: Collection[str]) -> bool:
    """Whether a fault is in a line's own words, and the old page has the line as often, if not as code.

    In the blocks `unread`, which no program could read on the old page, so it is with what it finds there now.
    """
    if fault.check not in _OF_WORDS and not (fault.check in _OF_READING and fault.block in unread):
        return False
    old, new = ([line.strip() for line in page.lines] for page in (comparison.old, comparison.new))
    text = new[fault.line - 1] if 0 < fault.line <= len(new) else ""
    return bool(text) and new.count(text) <= old.count(text)


def _is_the_same(before: Finding, after: Finding, counterparts: dict[str, str]) -> bool:
    """Whether it may be one fault in other words: of one rule, in the same block."""
    return before.check == after.check and counterparts.get(before.block) == after.block


def _goes_with(difference: Finding, comparison: Comparison, judged: Judged) -> bool:
    """Whether a difference stands where something misleading was corrected, or is the block that went with it."""
    if difference.weight is not Weight.MISLEADS or difference.check not in _OF_NAMES:
        return False
    old, new = ({block.id: block.line for block in page.blocks} for page in (comparison.old, comparison.new))
    for fault in (each for each in judged.corrected if each.weight > Weight.REMARK):
        here = comparison.alignment.counterparts.get(fault.block)
        if here is None and (difference.check, difference.block) == ("missing", fault.block):
            return True
        if here is not None and difference.block == here:
            at, offset = fault.line - old.get(fault.block, fault.line), difference.line - new.get(here, difference.line)
            if fault.check in _OF_ALL or abs(at - offset) <= _NEAR:
                return True
    return False
