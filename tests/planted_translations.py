"""Errors planted in real translations, and which of them are found: `python -m tests.planted_translations REPO [REV]`.

REPO is a checkout of kubernetes/website. The language is Vietnamese, of which `documentation/language/languages.toml`
has no words. An edit counts as found where the report on the page with it has a finding near its line that the report
on the page as it is does not have: one that breaks or misleads for code, any for the meaning of a sentence.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass

from documentation.drift import sentences
from documentation.findings.rules import Finding, Weight
from documentation.pages import markdown, source
from documentation.reports.translation import of_translation
from documentation.translations import fitting, history
from documentation.translations.history import Place, Revision

_FOLDER = "content/vi/docs/setup/production-environment/tools/kubeadm/"
_NEAR = 4  # lines between a planted error and the finding that is about it: a paragraph's first line, and its last
Edit = Callable[[str], str]


@dataclass(frozen=True)
class Planted:
    """An error: what it is, the page that it goes into, and how."""

    name: str
    page: str
    edit: Edit


def _sub(pattern: str, put: str, number: int = 0) -> Edit:
    """Replace the match of that number."""

    def edit(text: str) -> str:
        match = list(re.finditer(pattern, text, re.M))[number]
        return text[: match.start()] + match.expand(put) + text[match.end() :]

    return edit


def _without_sentence(number: int) -> Edit:
    """Drop the second sentence of the paragraph of that number, of those that have three and more."""

    def edit(text: str) -> str:
        blocks = markdown.parse(text, "page", "vi").blocks
        found = [sentences.split(each.text) for each in blocks if not each.kind.code]
        lost = [each for each in found if len(each) > 2 and " ".join(each[1].split()) in text.replace("\n", " ")][
            number
        ][1]
        pattern = r"\s+".join(map(re.escape, lost.split()))
        return re.sub(pattern, "", text, count=1)

    return edit


HA, ETCD, INSTALL, TOPOLOGY = "high-availability", "setup-ha-etcd-with-kubeadm", "install-kubeadm", "ha-topology"
CODE = (
    Planted("a flag lacks a letter", HA, _sub(r"(init .*)--upload-certs", r"\1--upload-cert")),
    Planted("a subcommand is translated", HA, _sub(r"^( *)(sudo )?kubeadm join", r"\1\2kubeadm gia-nhập")),
    Planted("a path has another letter", HA, _sub(r"^( *scp /etc/kubernetes/)pki", r"\1pkl")),
    Planted("a key has another letter", HA, _sub("controlPlaneEndpoint", "controlPlaneEndPoint")),
    Planted("a port is another one", HA, _sub(r"^( *sudo kubeadm join \S+):6443", r"\1:6433")),
    Planted("a variable has another name", HA, _sub(r"\$\{USER\}", "${USERS}")),
    Planted("a line of a script is gone", HA, _sub(r"^ *scp /etc/kubernetes/pki/sa\.pub.*\n", "")),
    Planted("a flag in a sentence has two letters turned", HA, _sub("`--pod-network-cidr`", "`--pod-network-cird`")),
    Planted("a version of the API is another one", ETCD, _sub("v1beta4", "v1beta3")),
    Planted("an option of systemd is another one", INSTALL, _sub("enable --now kubelet", "disable --now kubelet")),
)
MEANING = (
    Planted("a sentence is gone", HA, _without_sentence(0)),
    Planted("a sentence is gone in another paragraph", INSTALL, _without_sentence(1)),
    Planted("a negation is gone", HA, _sub("bạn không làm", "bạn làm")),
    Planted("a negation came", HA, _sub("Bạn phải chọn", "Bạn không phải chọn")),
    Planted("must became may", HA, _sub("bạn phải thiết lập", "bạn có thể thiết lập")),
    Planted("before became after", HA, _sub("nó trước khi", "nó sau khi")),
    Planted("TCP became UDP", HA, _sub("TCP", "UDP")),
    Planted("a number in digits is another one", INSTALL, _sub(r"\b2 (GB|CPU)", r"4 \1")),
    Planted("two hours became three", HA, _sub("sau hai giờ", "sau ba giờ")),
    Planted("external became stacked", HA, _sub("etcd bên ngoài", "etcd xếp chồng")),
)


def main(repository: str, revision: str = "HEAD") -> int:
    """Plant each, print what is found, and count."""
    translations = {name: Place(repository, revision, f"{_FOLDER}{name}.md") for name in (HA, ETCD, INSTALL, TOPOLOGY)}
    originals = {name: history.revisions(place.original("vi")) for name, place in translations.items()}
    texts = {name: source.read(str(place)).source for name, place in translations.items()}
    healthy = {name: _findings(text, originals[name]) for name, text in texts.items()}
    for title, planted, weight in (("code", CODE, Weight.MISLEADS), ("meaning", MEANING, Weight.REMARK)):
        found = [_found(each, texts[each.page], originals[each.page], healthy[each.page], weight) for each in planted]
        for each, finding in zip(planted, found, strict=True):
            print(f"{title}: {each.name}: {finding.check + ': ' + finding.what if finding else 'NOT FOUND'}")
        print(f"{title}: {sum(map(bool, found))} of {len(planted)}")
    return 0


def _found(
    each: Planted, text: str, originals: list[Revision], healthy: list[Finding], weight: Weight
) -> Finding | None:
    """The finding that is about the error, and that the page without it does not have."""
    edited = each.edit(text)
    at = next(
        number
        for number, (one, other) in enumerate(zip(text.splitlines(), edited.splitlines(), strict=False), 1)
        if one != other
    )
    known = {(finding.what, line) for finding in healthy for line in (finding.line, *finding.lines)}
    known |= {("behind", line) for finding in healthy if finding.check == "behind" for line in _lines(finding)}
    for finding in _findings(edited, originals):
        what = "behind" if finding.check == "behind" else finding.what
        new = [line for line in _lines(finding) if (what, line) not in known and abs(line - at) <= _NEAR]
        if finding.weight >= weight and new:
            return finding
    return None


def _lines(finding: Finding) -> tuple[int, ...]:
    return finding.line, *finding.lines


def _findings(text: str, originals: list[Revision]) -> list[Finding]:
    followed = fitting.follow(text, originals)
    assert followed
    report = of_translation(followed, markdown.parse(text, "page", "vi"), None)
    return [*report.differences, *report.own]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
