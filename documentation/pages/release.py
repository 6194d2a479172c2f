"""The release that a site documents, by its configuration: each revision of the website says it of itself."""

from __future__ import annotations

import tomllib

CONFIGURATIONS = ("hugo.toml", "config.toml")
"""The files of Hugo's that have it, at the site's root; the second is what older sites call it."""


def documented(configuration: str) -> str:
    """The release, as in `v1.37`; empty where the configuration, in TOML, does not name one."""
    try:
        parameters = tomllib.loads(configuration).get("params")
    except (tomllib.TOMLDecodeError, RecursionError):
        return ""
    version = parameters.get("version") if isinstance(parameters, dict) else None
    return version if isinstance(version, str) else ""
