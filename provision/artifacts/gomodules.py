"""Kubernetes and its companions built from Go modules, for where no release can be downloaded."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from provision.config.versions import Version
from provision.util import local
from provision.util.errors import CommandFailed, HostLacks

KUBERNETES = "k8s.io/kubernetes"
COMMANDS = (
    "kubeadm",
    "kubelet",
    "kubectl",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
)
AGNHOST = f"{KUBERNETES}/test/images/agnhost"

_STAGED = re.compile(r"^\s*(k8s\.io/[\w-]+) (?:v0\.0\.0$|=> \./staging/)", re.M)
_GO = re.compile(r"^go \S+$", re.M)
_GODEBUG = re.compile(r"^godebug (?:\(.*?^\)|.*?$)", re.M | re.S)


_FETCH = 1800  # seconds, for hundreds of modules over a slow line
BUILD = 2 * 3600  # seconds, for all of Kubernetes, four minutes on sixteen processors, on one

# How go says that a version, or a module or package that it needs, does not exist. Some proxies answer 403 for what
# they do not serve, and say so; a 403 with anything else, or with nothing, comes from something that stands in between.
# https://go.dev/ref/mod#goproxy-protocol, and cmd/go/internal/modfetch and modload in Go's own source
_NOT_SERVED = re.compile(
    r": (?:404 Not Found|410 Gone)$"
    r"|: 403 Forbidden\n\s*server response:.*\bnot (?:available|found)\b"
    r"|: unknown revision \S+$"
    r"|: no matching versions for query "
    r"|\), but does not contain package ",
    re.M | re.I,
)
_PROXY_REQUEST = re.compile(r"(?:Get \"|reading )https?://")


class NotServed(CommandFailed):
    """The module proxy has answered, and what it says is that there is no such version, or not all of it."""


def go(
    *arguments: str, cwd: Path | None = None, timeout: float = _FETCH, workspace: bool = False, toolchain: str = ""
) -> str:  # fmt: skip
    """Run the go command; `timeout` in seconds. Builds are static.

    A `workspace` (go.work) counts only where it is meant. A `toolchain` is as GOTOOLCHAIN has it
    (https://go.dev/doc/toolchain): go fetches that release of itself from the module proxy.

    Raises NotServed where a version does not exist, and CommandFailed with the last lines for everything else: a proxy
    that does not answer says nothing about what exists.
    """
    if not shutil.which("go"):
        raise HostLacks("go is not installed, by which Kubernetes is built from source", fix="./run doctor --fix")
    environment = os.environ | {"CGO_ENABLED": "0"} | ({} if workspace else {"GOWORK": "off"})
    environment |= {"GOTOOLCHAIN": toolchain} if toolchain else {}
    try:
        return local.run(["go", *arguments], cwd=cwd, env=environment, timeout=timeout).stdout
    except CommandFailed as failed:
        if _NOT_SERVED.search(failed.answer):
            raise NotServed(failed.what, answer=failed.answer) from None
        if _PROXY_REQUEST.search(failed.answer):
            failed.fix = "run it again when the module proxy answers; `go env GOPROXY` names it"
        raise


def versions(module: str) -> list[str]:
    """All versions of a module that are on offer, as in `v1.37.2`; none where the module is not."""
    try:
        return go("list", "-m", "-versions", module).split()[1:]
    except NotServed as failed:
        if "/@v/list: " not in failed.answer:  # a listed version that retractions are read from: the list is known
            raise
        return []


def is_available(module: str, version: str) -> bool:
    """Whether a module's version is available whole; the list of versions promises more than there is.

    Raises CommandFailed where that is not known, since the proxy does not answer.
    """
    try:
        go("mod", "download", f"{module}@{version}")
    except NotServed:
        return False
    return True


def staged_modules(go_mod: str) -> list[str]:
    """The modules that k8s.io/kubernetes keeps in its own tree, and that are published as v0.<minor>.<patch>. Pure."""
    return sorted(set(_STAGED.findall(go_mod)))


def render_go_mod(go_mod: str, version: Version, packages: Sequence[str]) -> str:
    """A module that builds `packages` of Kubernetes, from the go.mod of k8s.io/kubernetes itself. Pure."""
    replaced = "\n".join(f"\t{name} => {name} {version.module}" for name in staged_modules(go_mod))
    tools = "\n".join(f"\t{package}" for package in packages)
    heads = [match[0] for pattern in (_GO, _GODEBUG) if (match := pattern.search(go_mod))]
    return "\n\n".join(
        [
            "module machine",
            *heads,
            f"require {KUBERNETES} {version}",
            f"replace (\n{replaced}\n)",
            f"tool (\n{tools}\n)",
        ]
    )


def prepare_kubernetes(version: Version, folder: Path) -> None:
    """Write a tidy module for `version` into `folder`; raises NotServed when a part of it is not available."""
    described = json.loads(go("mod", "download", "-json", f"{KUBERNETES}@{version}"))
    packages = [*(f"{KUBERNETES}/cmd/{name}" for name in COMMANDS), AGNHOST]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "go.mod").write_text(render_go_mod(Path(described["GoMod"]).read_text(), version, packages))
    go("mod", "tidy", cwd=folder)


def build_kubernetes(version: Version, folder: Path) -> None:
    """Build every command of Kubernetes, and agnhost, into `folder`."""
    source = folder / "source"
    prepare_kubernetes(version, source)
    go(
        "build",
        "-trimpath",
        f"-ldflags={stamps(version)}",
        "-o",
        f"{folder}{os.sep}",
        "tool",
        cwd=source,
        timeout=BUILD,
    )
    local.remove_tree(source)


def stamps(
    version: Version, commit: str = "0" * 40, made: str = "1970-01-01T00:00:00Z", *, dirty: bool = False
) -> str:  # fmt: skip
    """Linker flags that make the binaries report `version`, as a release does, or a build of a `commit`. Pure."""
    values = {
        "gitVersion": str(version),
        "gitMajor": "1",
        "gitMinor": f"{version.minor}{version.pre and '+'}",  # as hack/lib/version.sh has it
        "gitTreeState": "dirty" if dirty else "clean",
        "gitCommit": commit,
        "buildDate": made,  # the commit's: what did not change is not linked again
    }
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return "-s -w " + " ".join(f"-X {package}.{key}={value}" for package in packages for key, value in values.items())


def build_command(package: str, version: str, folder: Path, name: str) -> None:
    """Build one module's main package into `folder/name`."""
    source = folder / f"source-{name}"
    source.mkdir()
    (source / "go.mod").write_text("module machine\n")
    go("get", "-tool", f"{package}@{version}", cwd=source)
    go("build", "-trimpath", "-ldflags=-s -w", "-o", str(folder / name), package, cwd=source, timeout=BUILD)
    local.remove_tree(source)
