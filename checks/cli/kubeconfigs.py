"""Which kubeconfigs a check goes by: the option's, or else those that kubectl would use.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from provision.util.errors import BadInput

_VARIABLE = "KUBECONFIG"
_USUAL = "~/.kube/config"


def chosen(options: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """The files, the first of which wins; none where there is no kubeconfig. Raises BadInput where none of them exists.

    An inventory and a bundle are about a cluster of their own: kubectl's may be another one.
    """
    if options.kubeconfig:
        return (_expanded(options.kubeconfig),)
    if options.cluster or options.source:
        return ()
    if listed := environment.get(_VARIABLE, ""):
        return _listed(listed)
    usual = _expanded(Path(_USUAL))
    return (usual,) if _exists(usual) else ()


def _listed(text: str) -> tuple[Path, ...]:
    """What the variable lists; files that do not exist are left out, as kubectl does."""
    named = dict.fromkeys(each for each in text.split(os.pathsep) if each)
    if not named:
        raise BadInput(f"${_VARIABLE} names no file", fix="./run check --kubeconfig FILE")
    found = tuple(Path(each) for each in named if _exists(Path(each)))
    if not found:
        raise BadInput(f"no file of ${_VARIABLE} exists: {', '.join(named)}", fix="./run check --kubeconfig FILE")
    return found


def _exists(file: Path) -> bool:
    """Raises BadInput where that cannot be known, as in a folder of another user."""
    try:
        return file.exists()
    except OSError as error:
        raise BadInput(f"{file} cannot be read", answer=str(error), fix="./run check --kubeconfig FILE") from None


def _expanded(file: Path) -> Path:
    try:
        return file.expanduser()
    except RuntimeError as error:  # ~stranger
        raise BadInput(f"there is no file {file}", answer=str(error)) from None
