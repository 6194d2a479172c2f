"""An exec plugin of a kubeconfig: a program that gives its user's credentials. It is run as Kubernetes' own clients do,
and ends in time, with all that it started.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from provision.util.errors import BadInput

SECONDS = 10
"""How long a plugin may take: one that asks a service of a cloud takes two. One that waits for a person is to be used
before the check, with kubectl, since it keeps what it was given."""

_GRACE = 1  # second for a plugin that is ended, to put away its files
_CONFIG = "client.authentication.k8s.io/exec"
_OF_CLUSTER = ("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url",
               "disable-compression")  # fmt: skip
_DIES_WITH_US = ("setpriv", "--pdeathsig", "TERM", "--")


class NoCredentials(BadInput):
    """A plugin gave no credentials. What it printed is not repeated: that may be a secret."""


def credentials(plugin: Mapping[str, Any], cluster: Mapping[str, Any], kubeconfig: str, fix: str) -> dict[str, str]:
    """What a plugin gives, as a kubeconfig's user has it; raises NoCredentials, which names the plugin."""
    called = f"the exec plugin {plugin['command']} of the kubeconfig {kubeconfig}"
    if not shutil.which(str(plugin["command"])):
        raise NoCredentials(f"{called} gave no credentials: there is no such program", answer=_hint(plugin), fix=fix)
    information = _information(plugin, cluster)
    try:
        printed = _printed(plugin, information)
    except subprocess.TimeoutExpired:
        raise NoCredentials(f"{called} did not answer within {SECONDS} s, and was ended", fix=fix) from None
    except OSError as error:
        raise NoCredentials(f"{called} gave no credentials", answer=error.strerror or "", fix=fix) from None
    found = _given(printed, str(plugin.get("apiVersion")))
    if not found:
        raise NoCredentials(f"{called} gave no credentials", fix=fix)
    return found


def _hint(plugin: Mapping[str, Any]) -> str:
    return str(plugin.get("installHint") or "")


def _information(plugin: Mapping[str, Any], cluster: Mapping[str, Any]) -> str:
    """KUBERNETES_EXEC_INFO: nothing may be typed, and, where the plugin wants that, which cluster it is."""
    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo"):
        spec["cluster"] = {name: cluster[name] for name in _OF_CLUSTER if name in cluster}
        if "certificate-authority" in cluster and "certificate-authority-data" not in cluster:
            authority = Path(cluster["certificate-authority"]).read_bytes()
            spec["cluster"]["certificate-authority-data"] = base64.b64encode(authority).decode()
        for each in cluster.get("extensions") or ():
            if each["name"] == _CONFIG:
                spec["cluster"]["config"] = each["extension"]
    return json.dumps({"apiVersion": plugin.get("apiVersion"), "kind": "ExecCredential", "spec": spec})


def _printed(plugin: Mapping[str, Any], information: str) -> str:
    """What a plugin prints; empty where it fails. Raises TimeoutExpired. No process of its session is left."""
    more = {str(each["name"]): str(each["value"]) for each in plugin.get("env") or ()}
    line = [str(each) for each in (plugin["command"], *(plugin.get("args") or ()))]
    process = subprocess.Popen(
        [*(_DIES_WITH_US if shutil.which(_DIES_WITH_US[0]) else ()), *line],
        env={**os.environ, **more, "KUBERNETES_EXEC_INFO": information}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace", start_new_session=True,
    )  # fmt: skip
    try:
        printed, _ = process.communicate(timeout=SECONDS)
    finally:
        _end(process)
    return printed if process.returncode == 0 else ""


def _end(process: subprocess.Popen[str]) -> None:
    """End its process group: also what a plugin has left behind that ended well."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(OSError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
    if process.stdout:
        process.stdout.close()


def _given(printed: str, version: str) -> dict[str, str]:
    """Credentials of an ExecCredential; none where it is none of this version."""
    try:
        read = json.loads(printed)
        status = read["status"] if (read["kind"], read["apiVersion"]) == ("ExecCredential", version) else {}
        pair = (status.get("clientCertificateData"), status.get("clientKeyData"))
        found = {"token": str(status["token"])} if status.get("token") else {}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    if all(pair):
        certificate, key = (base64.b64encode(str(each).encode()).decode() for each in pair)
        found |= {"client-certificate-data": certificate, "client-key-data": key}
    return found
