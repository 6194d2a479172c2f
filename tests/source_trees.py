"""A small source tree in the shape of kubernetes/kubernetes: its seven programs say the version that is stamped in."""

from __future__ import annotations

import subprocess
from pathlib import Path

from provision.artifacts.own import NAMES

_GO_MOD = """module k8s.io/kubernetes

go 1.20

require k8s.io/component-base v0.0.0

replace k8s.io/component-base => ./staging/src/k8s.io/component-base
"""
_VERSION = """package version

var gitVersion, gitCommit = "v0.0.0-master+$Format:%H$", ""

func Get() (string, string) { return gitVersion, gitCommit }
"""
_MAIN = """package main

import (
	"fmt"
	"k8s.io/component-base/version"
	"os"
)

func main() {
	number, commit := version.Get()
	if os.Args[1] == "--version" {
		fmt.Println("Kubernetes", number)
	} else {
		fmt.Printf(`{"clientVersion": {"gitVersion": "%s", "gitCommit": "%s"}}`, number, commit)
	}
}
"""


def make(tree: Path) -> Path:
    """A tree with one commit, that is v1.38.0-alpha.0."""
    base = tree / "staging/src/k8s.io/component-base"
    files = {
        tree / "go.mod": _GO_MOD,
        base / "go.mod": "module k8s.io/component-base\n\ngo 1.20\n",
        base / "version/version.go": _VERSION,
        **{tree / "cmd" / name / "main.go": _MAIN for name in NAMES},
    }
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    git(tree, "init", "-q", "-b", "master")
    commit(tree, "the beginning")
    git(tree, "tag", "-a", "v1.38.0-alpha.0", "-m", "v1.38.0-alpha.0")
    return tree


def commit(tree: Path, message: str) -> str:
    """Commit all that was changed; returns the commit."""
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "--allow-empty", "-m", message)
    return git(tree, "rev-parse", "HEAD")


def git(tree: Path, *arguments: str) -> str:
    """What git prints; the user's own configuration does not count."""
    who = ("-c", "user.name=someone", "-c", "user.email=someone@example.org", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(tree), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
