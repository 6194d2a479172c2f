"""A build's programs and a published release, put together to what a cluster is made with. Pure."""

from __future__ import annotations

from provision.artifacts.catalog import OWN, Release
from provision.artifacts.own import NAMES, OwnPrograms
from provision.config.versions import Version
from provision.util.errors import BadInput


def of(own: OwnPrograms, base: Release, source: str = OWN, remark: str = "") -> Release:
    """The release that a cluster has then: its version is that of its API server. What lacks is of `base`.

    `source` is where the programs are from, and `remark` what to know of them.

    Raises BadInput for what kubeadm refuses: https://kubernetes.io/releases/version-skew-policy/
    """
    server = own["kube-apiserver"]
    version = Version.parse(server.version) if server else base.version
    note = "; ".join(filter(None, (_note(own, base), remark)))
    found = Release(version, source, note, own, base)
    kubeadm, kubelet = version_of(found, "kubeadm"), version_of(found, "kubelet")
    if kubeadm.minor not in (version.minor, version.minor + 1):
        raise _apart("kubeadm", kubeadm, version, "it makes clusters of its own minor, or of the one before")
    if kubelet.minor > version.minor:
        raise _apart("the kubelet", kubelet, version, "no kubelet is newer than the API server")
    return found


def version_of(release: Release, name: str) -> Version:
    """The version of one program of a release, as `kubelet`."""
    program = release.own[name] if release.own else None
    return Version.parse(program.version) if program else release.published.version


def different(release: Release) -> dict[str, str]:
    """The programs whose version is not the release's own, with their versions."""
    known = {name: version_of(release, name) for name in NAMES} if release.own else {}
    return {name: str(each) for name, each in known.items() if each != release.version}


def _note(own: OwnPrograms, base: Release) -> str:
    missing = [name for name in NAMES if name not in own.names]
    return f"beside it {', '.join(missing)} of {base.version}, from {base.place}" if missing else ""


def _apart(what: str, version: Version, cluster: Version, why: str) -> BadInput:
    return BadInput(
        f"{what} {version} and an API server {cluster} do not go together: {why}",
        fix="a folder that has kube-apiserver, kubeadm and kubelet of one build, or another --ha-kubernetes",
    )
