"""Edits as one line that can be typed, so that no editor is needed. Placeholders are those of a rule's fix."""

from __future__ import annotations

SERVER_CHANGED = 's#server: "*{named}"* *$#server: {server}#'
"""One cluster's in a kubeconfig that is a file: others of it may be there, too."""

SERVER = r"s#^\( *server:\) .*#\1 https://{endpoint}#"
"""A kubeconfig in a ConfigMap. Only whole lines: an annotation has the same text in the middle of one."""

ENDPOINT_CHANGED = r's#^\( *controlPlaneEndpoint:\).*#\1 "{endpoint}"#'
ENDPOINT_ADDED = r's#^\( *\)kubernetesVersion:#\1controlPlaneEndpoint: "{endpoint}"\n&#'
"""In quotes: YAML takes what begins with a bracket, as an IPv6 address does here, for a list."""

VERSION = r"s#^\( *kubernetesVersion:\) .*#\1 {running}#"


def edited(namespace: str, name: str, expression: str) -> str:
    """A ConfigMap as sed makes it. Where it was changed by another in between, the API refuses it."""
    read = f"kubectl -n {namespace} get configmap {name} -o yaml"
    return f"{read} | sed '{expression}' | kubectl replace -f -"


def flag_edited(flag: str, value: str) -> str:
    """A flag in `{manifest}`, which has to be there as `--flag=value`; it may be in quotes.

    The copies are elsewhere, since the kubelet reads every file of that folder; the one of before stays.
    """
    expression, copy = rf"""s#--{flag}=[^\"' ]*#--{flag}={value}#""", "/root/changed.yaml"
    return (
        f"sudo grep -q -e '--{flag}=' {{manifest}} && sudo cp -p {{manifest}} {copy} && "
        f'sudo sed -i.before "{expression}" {copy} && sudo mv {copy} {{manifest}}'
    )


def matched(text: str) -> str:
    """A text as sed's expressions find it: the bracket of an IPv6 address begins none of theirs."""
    return text.replace("[", "\\[")
