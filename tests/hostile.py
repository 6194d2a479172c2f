"""Reports whose texts try to be something else: markup, escape sequences, second lines, labels, ends of sections."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import settings
from hypothesis import strategies as st

from checks.findings import Finding, Report, Severity, Verdict

patiently = settings(deadline=None, max_examples=30)
"""Drawing a page takes longer than hypothesis allows by itself, and longer still beside other tests."""

PIECES = (
    "<script>alert(1)</script>", "]]>", "&amp;", "</style>", '"', "'", "`", "\n", "\r", "\x1b[31m", "\x00",
    "\x9b", "\u202e", "\\",
    "{{ 7*7 }}", "{% raw %}", '",x="', "# TYPE a gauge", "javascript:alert(1)", "\u2028",
    "\ufffe", "\U000e0001", "é", "…",
)  # fmt: skip

texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), min_size=1, max_size=4).map("".join)
machines = st.lists(st.one_of(st.sampled_from(("cp1", "cp2", "w1")), texts), max_size=3, unique=True).map(tuple)
severities = st.sampled_from(Severity)
ids = st.sampled_from(("KHA-ETCD-001", "KHA-ETCD-002", "KHA-LB-001", "KHA-NEW-001"))


@st.composite
def findings(draw: st.DrawFn, id: str, subject: str) -> Finding:
    """A finding whose every text is hostile."""
    return Finding(
        id, draw(severities), draw(texts), draw(texts), draw(machines), subject, draw(texts), draw(texts), draw(texts),
        tuple(draw(st.lists(texts, max_size=3))), draw(st.one_of(st.just(""), texts)),
    )  # fmt: skip


@st.composite
def verdicts(draw: st.DrawFn, id: str, subject: str) -> Verdict:
    """A verdict with some findings, perhaps undecided."""
    found = tuple(draw(st.lists(findings(id, subject), max_size=2)))
    return Verdict(
        id, draw(texts), subject, found, draw(st.one_of(st.just(""), texts)), draw(st.one_of(st.just(""), texts))
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A report with one verdict for each id and subject."""
    pairs = draw(st.lists(st.tuples(ids, st.one_of(st.just("cluster"), texts)), max_size=4, unique=True))
    return Report(
        datetime(2026, 11, 26, 7, 30, tzinfo=UTC), draw(texts), ("kubeconfig",), draw(machines), draw(texts),
        tuple(draw(verdicts(id, subject)) for id, subject in pairs), 1.5, tuple(draw(st.lists(texts, max_size=2))),
    )  # fmt: skip
