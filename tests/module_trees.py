"""`python -m tests.module_trees v1.37.2 DIR`: a checkout of Kubernetes for where only Go modules are available.

The module k8s.io/kubernetes has all of its tree but staging/, whose modules are published: they take its place.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from provision.artifacts import gomodules
from provision.config.versions import Version
from tests import source_trees


def make(version: Version, tree: Path) -> Path:
    """A tree with one commit, that has the tag of the version; raises CommandFailed where modules are not served."""
    found = json.loads(gomodules.go("mod", "download", "-json", f"{gomodules.KUBERNETES}@{version}"))
    shutil.copytree(found["Dir"], tree, copy_function=shutil.copyfile)
    for each in (tree, *tree.rglob("*")):
        if each.is_dir():
            each.chmod(0o755)  # modules are read-only
    staged = gomodules.staged_modules((tree / "go.mod").read_text())
    for name in staged:
        gomodules.go("mod", "edit", f"-replace={name}={name}@{version.module}", cwd=tree)
    (tree / "go.work").unlink(missing_ok=True)  # it names the folders of staging/
    shutil.rmtree(tree / "vendor", ignore_errors=True)
    gomodules.go("mod", "tidy", "-e", cwd=tree)
    source_trees.git(tree, "init", "-q", "-b", "master")
    source_trees.commit(tree, str(version))
    source_trees.git(tree, "tag", "-a", str(version), "-m", str(version))
    return tree


if __name__ == "__main__":
    print(make(Version.parse(sys.argv[1]), Path(sys.argv[2])))
