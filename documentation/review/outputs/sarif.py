"""A review as SARIF 2.1.0, for what collects findings of many programs.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any
from urllib.parse import quote

from documentation.reports import all_rules
from documentation.review.review import Noted, Review, ReviewedPage
from provision.util.characters import visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"breaks": "error", "misleads": "warning", "remark": "note"}
_FINGERPRINT = "pageRuleAndSentence/v1"
"""The name of the fingerprint; the number is raised when it is computed in another way."""
_NUMBERS = re.compile(r"\d+")

Json = dict[str, Any]


def document(review: Review) -> str:
    """The review as SARIF. What improves a page is not among the results."""
    pairs = [(page, each) for page in review.pages for each in page.findings if not each.improves]
    rules = sorted({each.rule for _, each in pairs})
    marks: dict[str, int] = {}
    run = {
        "tool": {"driver": {"name": "kubeadm-ha documentation review", "rules": [*map(_rule, rules)]}},
        "automationDetails": {"id": "kubeadm-ha-documentation-review/"},
        "invocations": [_invocation(review)],
        "results": [_result(page, each, rules, marks) for page, each in pairs],
        "columnKind": "unicodeCodePoints",
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def _rule(name: str) -> Json:
    """A rule with the three texts that GitHub asks for beside the schema; the first one is an alert's title."""
    text = {"text": all_rules.meaning(name) or name}
    return {"id": name, "shortDescription": text, "fullDescription": text, "help": text}


def _result(page: ReviewedPage, noted: Noted, rules: list[str], marks: dict[str, int]) -> Json:
    fix = f" Try: {visible(noted.fix)}" if noted.fix else ""
    result: Json = {
        "ruleId": noted.rule,
        "ruleIndex": rules.index(noted.rule),
        "level": _LEVELS[noted.weight],
        "message": {"text": f"{visible(noted.what)}.{fix}"},
        "locations": [_location(page.path, each) for each in (noted.line, *noted.lines)],
        "partialFingerprints": {_FINGERPRINT: _mark(page, noted, marks)},
        "suppressions": [],
        "properties": {"weight": noted.weight, "block": noted.block, "language": page.language},
    }
    if noted.accepted:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": noted.accepted}]
    return result


def _location(path: str, line: int) -> Json:
    return {"physicalLocation": {"artifactLocation": {"uri": quote(path)}, "region": {"startLine": max(1, line)}}}


def _mark(page: ReviewedPage, noted: Noted, marks: dict[str, int]) -> str:
    """The same after a change that moves lines; the second of two equal ones is another."""
    what = hashlib.sha256("\0".join((page.path, noted.rule, _NUMBERS.sub("", noted.what))).encode()).hexdigest()[:16]
    marks[what] = marks.get(what, 0) + 1
    return f"{what}:{marks[what]}"


def _invocation(review: Review) -> Json:
    notes = [*review.notes, *(f"not read, since it is not Markdown: {each}" for each in review.unread)]
    notes += [f"{page.path}: {each}" for page in review.pages for each in page.limits]
    return {
        "executionSuccessful": True,
        "exitCode": review.status,
        "toolExecutionNotifications": [{"level": "note", "message": {"text": visible(each)}} for each in notes],
    }
