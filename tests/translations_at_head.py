"""What drift finds in all translated kubeadm pages, to be judged: `python -m tests.translations_at_head REPO [REV]`.

REPO is a checkout of kubernetes/website. One finding that breaks or misleads is a line: its page, line, rule and words.
No kubeadm judges them, so that all lines are about the translation and not about a version.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from documentation.findings.rules import Weight
from documentation.pages import source
from documentation.reports.translation import of_translation
from documentation.translations import fitting, history
from documentation.translations.history import Place, Revision

_ORIGINALS = "content/en/"
_FOLDERS = ("/setup/production-environment/tools/kubeadm/", "/administer-cluster/kubeadm/", "/setup-tools/kubeadm/")


def main(repository: str, revision: str = "HEAD") -> int:
    """Print the findings, and how many there are."""
    known: dict[str, list[Revision]] = {}
    count = 0
    for place in _translations(repository, revision):
        page = source.read(str(place))
        original = place.original(page.language)
        if original.path not in known:
            known[original.path] = history.revisions(original)
        followed = fitting.follow(page.source, known[original.path], history.last_day(place))
        report = of_translation(followed, page, None) if followed else None
        for each in (*report.differences, *report.own) if report else ():
            if each.weight > Weight.REMARK:
                print(f"{place.path}:{each.line}\t{each.weight.name.lower()}\t{each.check}\t{each.what}", flush=True)
                count += 1
    print(f"{count} findings break or mislead")
    return 0


def _translations(repository: str, revision: str) -> Iterator[Place]:
    """All translated pages about kubeadm whose originals exist, but those that are generated or have a title alone."""
    listed = ["git", "-C", repository, "ls-tree", "-r", "--name-only", revision, "content"]
    paths = subprocess.run(listed, capture_output=True, check=True, text=True).stdout.splitlines()
    for path in paths:
        original = _ORIGINALS + path.split("/", 2)[-1]
        about = any(folder in path for folder in _FOLDERS) and "/generated/" not in path
        if about and not path.startswith(_ORIGINALS) and not path.endswith("_index.md") and original in paths:
            yield Place(repository, revision, path)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
