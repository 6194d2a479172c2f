"""Edits as one line that can be typed, so that no editor is needed. Placeholders are those of a rule's fix."""

from __future__ import annotations

NAMED_SERVER = 'server: "*{named}"* *$'
"""One cluster's in a kubeconfig that is a file: others of it may be there, too."""

SERVER = r"s#^\( *server:\) .*#\1 https://{endpoint}#"
"""A kubeconfig in a ConfigMap. Only whole lines: an annotation has the same text in the middle of one."""

ENDPOINT_CHANGED = r's#^\( *controlPlaneEndpoint:\).*#\1 "{endpoint}"#'
ENDPOINT_ADDED = r's#^\( *\)kubernetesVersion:#\1controlPlaneEndpoint: "{endpoint}"\n&#'
"""In quotes: YAML takes what begins with a bracket, as an IPv6 address does here, for a list."""

VERSION = r"s#^\( *kubernetesVersion:\) .*#\1 {running}#"


def edited(namespace: str, name: str, expression: str) -> str:
    """A ConfigMap as sed makes it. Where it was changed by another in between, the API refuses it.

    What changes is shown. Where nothing does, the line says that the two files are identical, and ends there: `kubectl
    replace` would call it a success.
    """
    before, after = f"{name}.yaml", f"{name}.changed.yaml"
    return (
        f"kubectl -n {namespace} get configmap {name} -o yaml | tee {before} | sed '{expression}' > {after} && "
        f"! diff -s {before} {after} && kubectl replace -f {after}"
    )


def in_place(pattern: str, replacement: str, file: str = "{file}") -> str:
    """Lines of a file, which has to have one that matches: sed itself would call it a success where none does.

    Not for a folder of static pods, where the kubelet would read the file that sed writes beside the one it edits.
    """
    return f"sudo grep -q '{pattern}' {file} && sudo sed -i 's#{pattern}#{replacement}#' {file}"


def flag_edited(flag: str, value: str) -> str:
    """A flag in `{manifest}`, which has to be there as `--flag=value`; it may be in quotes.

    What is written first is `{hidden}`, in the same folder, and takes the manifest's place whole, in one step, once it
    has the new value. The manifest of before is kept elsewhere.
    """
    expression = rf"""s#--{flag}=[^\"' ]*#--{flag}={value}#"""
    return (
        f"sudo grep -q -e '--{flag}=' {{manifest}} && sudo cp -p {{manifest}} /root/changed.yaml.before && "
        f'sudo cp -p {{manifest}} {{hidden}} && sudo sed "{expression}" {{manifest}} | '
        f"sudo tee {{hidden}} >/dev/null && sudo grep -q -F -e '--{flag}={value}' {{hidden}} && "
        "sudo mv {hidden} {manifest}"
    )


SERVER_CHANGED = in_place(NAMED_SERVER, "server: {server}")


def matched(text: str) -> str:
    """A text as sed's expressions find it: the bracket of an IPv6 address begins none of theirs."""
    return text.replace("[", "\\[")
