"""Configuration that kubeadm reads: of itself, of the kubelet and of kube-proxy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import yaml

from documentation.checks import yaml_documents
from documentation.checks.yaml_documents import ADDRESS, Document
from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages.block import Page
from documentation.programs.kubeadm import Kubeadm

_GROUP = "kubeadm.k8s.io"
_API = re.compile(rf"{re.escape(_GROUP)}/(v[\w]+)")
_LINKED = re.compile(r"kubeadm\S*?[./](v\d+(?:alpha|beta)\d+)\b")
_COMPONENTS = ("KubeletConfiguration", "KubeProxyConfiguration")
# In kubeadm's answers: the field, and what it has for a value where that is of another type.
_FIELD = re.compile(r"(?:unknown field|Go struct field|key) \"?([\w.\[\]]+)")
_INVALID = re.compile(r"^error: ([\w.\[\]]+): ")
_PREFIX = re.compile(r"^error: (?:error unmarshaling configuration \S+ \S+ \S+: (?:strict decoding error: )?)?")
_UNMARSHAL = re.compile(r"cannot unmarshal (\w+) into")
_TYPES: Mapping[str, tuple[type, ...]] = {"number": (int, float), "bool": (bool,), "string": (str,)}
_INCOMPLETE = re.compile(r"must be set|Required value|\bis required\b|must specify")
_ABOUT_VALUES = re.compile(
    r"Invalid value|Unsupported value|must be|cannot parse|could not parse|invalid|not valid|\bparse"
)


@rule("api", Weight.MISLEADS, Needs.KUBEADM)
def an_api_that_kubeadm_does_not_read(page: Page, kubeadm: Kubeadm) -> Iterator[Found]:
    """Versions of the configuration API, in code, where they break, and behind links."""
    for block in page.blocks:
        named = [*_API.findall(block.text), *(found for link in block.links for found in _LINKED.findall(link))]
        for version in dict.fromkeys(named):
            refusal = kubeadm.refuses(_cluster(version, kubeadm))
            if refusal:
                lines = block.text.splitlines()
                at = next((number for number, line in enumerate(lines) if version in line), 0)
                what = f"{kubeadm.version} does not read the configuration API {version}: {_short(refusal)}"
                weight = Weight.BREAKS if block.kind.code else None
                fix = "write it in the version that kubeadm writes"
                yield Found(block.line + at, block.id, what, fix, weight=weight)


@rule("configuration", Weight.BREAKS, Needs.KUBEADM)
def a_configuration_that_kubeadm_refuses(page: Page, kubeadm: Kubeadm) -> Iterator[Found]:
    """A configuration as a whole, placeholders filled in. For one of an API that is gone there is another rule."""
    for document in yaml_documents.documents(page):
        refusal = _refusal(document, kubeadm)
        if refusal:
            found = _FIELD.search(refusal) or _INVALID.search(refusal)
            path = re.sub(r"\[\d*\]", "", found[1] if found else "").split(".")
            what = f"{kubeadm.version} refuses this configuration: {_short(refusal)}"
            other = _UNMARSHAL.search(refusal)
            line = document.line_of(*path, types=_TYPES.get(other[1], ()) if other else ())
            yield Found(line, document.block.id, what, _fix(refusal))


def _refusal(document: Document, kubeadm: Kubeadm) -> str:
    """Why kubeadm refuses a document for what it has, not for what an excerpt leaves out; empty if it does not."""
    complete = _completed(document, document.text, kubeadm)
    refusal = kubeadm.refuses(complete) if complete else ""
    if refusal and document.filled and _ABOUT_VALUES.search(refusal):
        refusal = kubeadm.refuses(_completed(document, yaml_documents.without_filled(document), kubeadm))
    return "" if _INCOMPLETE.search(refusal) else refusal


def _completed(document: Document, text: str, kubeadm: Kubeadm) -> str:
    """The document with what kubeadm needs beside it, so that it looks for nothing on the host and on no site."""
    group, version = document.api
    if group == _GROUP and not kubeadm.refuses(_cluster(version, kubeadm)):
        if document.kind == "ClusterConfiguration":
            return _with_version(text, kubeadm) + _DOCUMENT + _init(version)
        if document.kind == "InitConfiguration":
            return _with_defaults(text, _node(document)) + _DOCUMENT + _cluster(version, kubeadm)
        if document.kind == "JoinConfiguration":
            return _with_defaults(text, {**_discovery(document), **_node(document)})
        return text
    if document.kind in _COMPONENTS and group and kubeadm.apis:
        newest = kubeadm.apis[-1]
        return _cluster(newest, kubeadm) + _DOCUMENT + _init(newest) + _DOCUMENT + text
    return ""


_DOCUMENT = "\n---\n"


def _cluster(version: str, kubeadm: Kubeadm) -> str:
    # Without an exact version kubeadm would request from a download site what is stable today.
    kind = {"apiVersion": f"{_GROUP}/{version}", "kind": "ClusterConfiguration"}
    return yaml.safe_dump({**kind, "kubernetesVersion": kubeadm.version})


def _init(version: str) -> str:
    return yaml.safe_dump({"apiVersion": f"{_GROUP}/{version}", "kind": "InitConfiguration", **_HOST})


# What kubeadm would otherwise take from the host: its name, its address, and its container runtime.
_NODE = {"name": "machine", "criSocket": "unix:///run/containerd/containerd.sock"}
_HOST = {"nodeRegistration": _NODE, "localAPIEndpoint": {"advertiseAddress": ADDRESS}}
_TOKEN = {"token": "abcdef.0123456789abcdef", "apiServerEndpoint": f"{ADDRESS}:6443", "unsafeSkipCAVerification": True}


def _node(document: Document) -> dict[str, object]:
    """Of what stands for the host, what an excerpt leaves out."""
    missing: dict[str, object] = {key: value for key, value in _HOST.items() if key not in document.content}
    if document.kind == "JoinConfiguration":
        missing.pop("localAPIEndpoint", None)
    return missing


def _discovery(document: Document) -> dict[str, object]:
    return {} if "discovery" in document.content else {"discovery": {"bootstrapToken": _TOKEN}}


def _with_version(text: str, kubeadm: Kubeadm) -> str:
    exact, count = re.subn(
        r"^(\s*)kubernetesVersion:.*$", rf"\g<1>kubernetesVersion: {kubeadm.version}", text, flags=re.M
    )
    return exact if count else _with_defaults(text, {"kubernetesVersion": kubeadm.version})


def _with_defaults(text: str, missing: dict[str, object]) -> str:
    """The text and the fields that it lacks, as far indented as its first one."""
    indent = re.search(r"^( *)[\w\"']", text, re.M)
    more = yaml.safe_dump(missing) if missing else ""
    return text.rstrip("\n") + "\n" + re.sub(r"^(?=.)", indent[1] if indent else "", more, flags=re.M)


def _fix(refusal: str) -> str:
    if re.search(r"cannot unmarshal (?:number|bool) into .* of type string", refusal):
        return "put the value into quotes"
    if re.search(r"cannot unmarshal object into .* of type \[\]\w+\.Arg", refusal):
        return "write a list of arguments, each with `name` and `value`"
    return "see the reference of the configuration API"


def _short(refusal: str) -> str:
    return _PREFIX.sub("", refusal).split(". ")[0]
