"""Texts of several files in one, as a command prints them. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def sections(text: str, mark: str = "== ") -> dict[str, str]:
    """A text of several files, each headed by a line `== <path>`, taken apart."""
    found: dict[str, list[str]] = {}
    lines: Iterable[str] = text.splitlines()
    current: list[str] = []
    for line in lines:
        if line.startswith(mark):
            current = found.setdefault(line.removeprefix(mark), [])
        else:
            current.append(line)
    return {path: "\n".join(body) + "\n" for path, body in found.items()}
