"""What a check of this host, or of a machine, found out; and that no check ever ends the others."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ParamSpec

from provision.util.errors import Problem

P = ParamSpec("P")


@dataclass(frozen=True)
class Finding:
    """The answer of one check. `fix` is a command or a sentence.

    `packages` are Debian packages that would fix it, `setting` a kernel setting as `name=value`.
    """

    ok: bool
    what: str
    fix: str = ""
    packages: tuple[str, ...] = ()
    setting: str = ""


def findings(about: str) -> Callable[[Callable[P, Iterator[Finding]]], Callable[P, Iterator[Finding]]]:
    """Decorates a check, a generator of findings: what it raises becomes a finding, and others go on.

    Who asks what a host lacks has a host that lacks something, and needs all answers that there are.
    """

    def decorate(check: Callable[P, Iterator[Finding]]) -> Callable[P, Iterator[Finding]]:
        @functools.wraps(check)
        def careful(*args: P.args, **kwargs: P.kwargs) -> Iterator[Finding]:
            try:
                yield from check(*args, **kwargs)
            except Exception as error:
                yield unknown(about, error)

        return careful

    return decorate


def unknown(about: str, error: Exception) -> Finding:
    """That something could not be found out, and why."""
    if not isinstance(error, Problem):
        return Finding(False, f"could not find out: {about}: {type(error).__name__}: {error}")
    lines = [f"could not find out: {about}: {error.what}", *error.answer.splitlines()]
    return Finding(False, "\n      ".join(lines), error.fix)
