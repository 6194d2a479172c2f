"""A report as JUnit's XML, as CI services read it: each check of a machine is a test.

https://github.com/jenkinsci/xunit-plugin (junit-10.xsd) has the attributes that every reader knows; `xunit2` of
pytest writes the same.
"""

from __future__ import annotations

from xml.etree import ElementTree

from checks.findings import Finding, Report, Severity, Verdict
from checks.outputs.kinds import heading, kind_of
from checks.outputs.summary import headline
from provision.util.characters import block, visible


def document(report: Report, fail_on: Severity = Severity.WARNING) -> str:
    """The report as XML: failed where something at or above the severity was found, skipped where undecided."""
    suites = ElementTree.Element("testsuites", name="kubeadm-ha check")
    suite = ElementTree.SubElement(suites, "testsuite")
    failed = skipped = 0
    for verdict in report.verdicts:
        case = _case(suite, verdict, fail_on)
        failed += case.find("failure") is not None
        skipped += case.find("skipped") is not None
    attributes = {
        "name": visible(report.endpoint) or "kubeadm-ha check", "tests": str(len(report.verdicts)),
        "failures": str(failed), "errors": "0", "skipped": str(skipped), "time": f"{report.seconds:.3f}",
        "timestamp": report.taken.replace(microsecond=0, tzinfo=None).isoformat(),
    }  # fmt: skip
    suite.attrib.update(attributes)
    ElementTree.SubElement(suite, "system-out").text = "\n".join(
        [visible(report.survives), *map(visible, report.notes)]
    )
    ElementTree.indent(suites, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(suites, encoding="unicode")}\n'


def _case(suite: ElementTree.Element, verdict: Verdict, fail_on: Severity) -> ElementTree.Element:
    case = ElementTree.SubElement(
        suite, "testcase", classname=visible(heading(kind_of(verdict.id))),
        name=f"{verdict.id}[{visible(verdict.subject)}]", time="0.000",
    )  # fmt: skip
    failing = [each for each in verdict.findings if each.severity.at_least(fail_on) and not each.accepted]
    if failing:
        message = "; ".join(headline(each) for each in failing)
        _child(case, "failure", message, "\n\n".join(map(whole, failing)), type=failing[0].severity.value)
    elif verdict.undecided:
        _child(case, "skipped", visible(verdict.undecided) + _needs(verdict))
    others = [each for each in verdict.findings if each not in failing]
    output = [f"searched for: {visible(verdict.title)}", *map(whole, others)]
    ElementTree.SubElement(case, "system-out").text = "\n\n".join(output)
    return case


def _child(case: ElementTree.Element, name: str, message: str, text: str = "", **more: str) -> None:
    ElementTree.SubElement(case, name, {"message": message, **more}).text = text or None


def _needs(verdict: Verdict) -> str:
    return f" (decided by: {visible(verdict.needs)})" if verdict.needs else ""


def whole(finding: Finding) -> str:
    """All of a finding; lines of evidence are indented."""
    lines = [f"{finding.severity.value}: {headline(finding)}"]
    if finding.accepted:
        lines.append(f"accepted: {visible(finding.accepted)}")
    lines += [f"why: {visible(finding.why)}", *(f"do: {each}" for each in block(finding.fix))]
    lines += [f"page: {visible(finding.page)}", *(f"  {line}" for each in finding.evidence for line in block(each))]
    return "\n".join(lines)
