"""How a package is installed on a machine, for fixes. No rule is here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from checks.facts.machine import MachineFacts

_INSTALL: Mapping[str, str] = MappingProxyType(
    {
        r"Debian|Ubuntu|Mint|Raspbian|Raspberry": "sudo apt-get install",
        r"Red Hat|CentOS|Rocky|Alma|Fedora|Oracle|Amazon|openEuler|Anolis": "sudo dnf install",
        r"SUSE|openSUSE|SLES|SLE ": "sudo zypper install",
        r"Arch": "sudo pacman -S",
        r"Alpine": "sudo apk add",
    }
)
"""The name of an operating system, as PRETTY_NAME of its os-release has it → what installs its packages."""

_OLD = re.compile(r"(CentOS|Red Hat|Oracle|Amazon)\D*\b(7|2)\b")
"""Systems that are in use and have no dnf: it came with RHEL 8, and with Amazon Linux 2023."""


def installing(machine: MachineFacts, package: str) -> str:
    """The command for the machine's own packages; words where its operating system was not read, or is none of these.

    Of some of these, as of Flatcar or Talos, nothing is installed at all.
    """
    system = machine.identity.value.operating_system if machine.identity.value else ""
    if _OLD.match(system):
        return f"sudo yum install {package}"
    found = (command for names, command in _INSTALL.items() if re.search(rf"\b(?:{names})", system))
    command = next(found, "")
    return f"{command} {package}" if command else f"Install {package}"
