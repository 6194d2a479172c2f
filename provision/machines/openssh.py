"""The host's own OpenSSH client, where a person would be sitting: to log in by hand, and to forward an ssh-agent."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

from provision import host
from provision.machines.login import Login
from provision.machines.machine import Result


def command(login: Login, address: str, *options: str) -> list[str]:
    """The `ssh` command line for a machine, with nothing of the user's own set-up in it. Pure."""
    settings = {
        "IdentitiesOnly": "yes",
        "UserKnownHostsFile": str(login.known_hosts),
        "GlobalKnownHostsFile": "none",
        "StrictHostKeyChecking": "yes",
        "BindAddress": login.source or "0.0.0.0",
    }
    if not login.key:
        del settings["IdentitiesOnly"]
    if login.jump:
        there = replace(login, user=login.jump.user, port=login.jump.port, connect=login.jump.host, jump=None)
        settings["ProxyCommand"] = shlex.join(command(there, "", "-W", "%h:%p"))
    flags = [flag for name, value in settings.items() for flag in ("-o", f"{name}={value}")]
    key = ("-i", str(login.key)) if login.key else ()
    target = ["-p", str(login.port), f"{login.user}@{login.connect or address}"]
    return ["ssh", "-F", "none", "-q", *key, *flags, *options, *target]


def forwarding(login: Login, address: str, remote: str) -> list[str]:
    """A command line that runs a command on a machine with a forwarded agent (`ssh -A`) that holds the login key. Pure.

    The agent is one of its own, and ends with the command; where no key file is known, it is the user's.
    """
    if not login.key:
        return [*command(login, address, "-A"), remote]
    log_in = shlex.join([*command(login, address, "-A"), remote])
    return ["ssh-agent", "sh", "-c", f"ssh-add -q {shlex.quote(str(login.key))} && exec {log_in}"]


def run_forwarding(login: Login, address: str, remote: str, timeout: float) -> Result:
    """Run a command with a forwarded agent; `timeout` in seconds. The exit status is 255 where ssh itself fails."""
    return host.run(forwarding(login, address, remote), timeout=timeout, check=False)


def run_fed(login: Login, address: str, remote: str, file: Path, timeout: float) -> Result:
    """Run a command with a file of this host as its standard input; `timeout` in seconds."""
    line = f"exec {shlex.join([*command(login, address), remote])} < {shlex.quote(str(file))}"
    return host.run(["sh", "-c", line], timeout=timeout, check=False)
