"""The host's own OpenSSH client: to log in by hand, to forward an ssh-agent, and to send large files."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from provision.config.login import Login
from provision.util import local
from provision.util.result import Result

_FAILED = 255
"""ssh's exit status when it could not log in, or lost the connection; a command may exit with it, too."""

_PORT = 22

_TARGET = "%h:%p"
"""What ssh itself replaces in a ProxyCommand; every other % there has to be doubled."""


class SshFailed(Exception):
    """ssh itself failed, not the command that it was to run. Its text is what ssh logged, and never empty."""


def command(login: Login, address: str, *options: str, log: Path | None = None) -> list[str]:
    """The `ssh` command line for a machine, with nothing of the user's own set-up in it. Pure.

    What ssh itself has to say, errors and nothing else, goes to its standard error, or to `log`.
    """
    settings = {
        "LogLevel": "ERROR",
        "UserKnownHostsFile": _quoted(login.known_hosts),
        "GlobalKnownHostsFile": "none",
        "StrictHostKeyChecking": "yes",
        "BindAddress": login.source or "0.0.0.0",
    }
    if login.key:
        settings |= {"IdentitiesOnly": "yes", "IdentityFile": _quoted(login.key)}
    if login.jump:
        there = replace(
            login, user=login.jump.user, port=login.jump.port, connect=login.jump.host, jump=None,
            key=login.jump.key or login.key,
        )  # fmt: skip
        proxy = shlex.join(command(there, "", "-W", _TARGET, log=log)).replace("%", "%%")
        settings["ProxyCommand"] = proxy.replace(_TARGET.replace("%", "%%"), _TARGET)
    flags = [flag for name, value in settings.items() for flag in ("-o", f"{name}={value}")]
    logged = ("-E", str(log)) if log else ()
    target = ["-p", str(login.port), f"{login.user}@{login.connect or address}"]
    return ["ssh", "-F", "none", *logged, *flags, *options, *target]


def by_hand(login: Login, address: str) -> str:
    """What a person types to log in in the same way, with ssh asking about host keys. Pure."""
    known = (
        ()
        if login.known_hosts == Path("~/.ssh/known_hosts").expanduser()
        else ("-o", f"UserKnownHostsFile={login.known_hosts}")
    )
    port = ("-p", str(login.port)) if login.port != _PORT else ()
    key = ("-i", str(login.key)) if login.key else ()
    jump: tuple[str, ...] = ()
    if login.jump and login.jump.key:
        there = ("-p", str(login.jump.port), f"{login.jump.user}@{login.jump.host}")
        jump = ("-o", "ProxyCommand=" + shlex.join(["ssh", "-i", str(login.jump.key), *known, "-W", _TARGET, *there]))
    elif login.jump:
        jump = ("-J", str(login.jump))
    return shlex.join(["ssh", *port, *key, *known, *jump, f"{login.user}@{login.connect or address}", "true"])


def _quoted(path: Path) -> str:
    """A file's name as the value of an option: ssh splits it at spaces, and replaces what begins with %. Pure."""
    text = str(path).replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def forwarding(login: Login, address: str, remote: str, log: Path) -> list[str]:
    """A command line that runs a command on a machine with a forwarded agent (`ssh -A`) that holds the login key. Pure.

    The agent is one of its own, and ends with the command; where no key file is known, it is the user's.
    """
    line = [*command(login, address, "-A", log=log), remote]
    if not login.key:
        return line
    add = f"ssh-add -q {shlex.quote(str(login.key))} 2>>{shlex.quote(str(log))} || exit {_FAILED}"
    return ["ssh-agent", "sh", "-c", f"{add}; exec {shlex.join(line)}"]


def run_forwarding(login: Login, address: str, remote: str, timeout: float) -> Result:
    """Run a command with a forwarded agent; `timeout` in seconds. Raises SshFailed and TimedOut."""
    with _log() as log:
        result = local.run(forwarding(login, address, remote, log), timeout=timeout, check=False)
        return _checked(result, log, login.connect or address)


def run_fed(login: Login, address: str, remote: str, file: Path, timeout: float) -> Result:
    """Run a command with a file of this host as its standard input; `timeout` in seconds; raises as above."""
    with _log() as log:
        line = shlex.join([*command(login, address, log=log), remote])
        result = local.run(["sh", "-c", f"exec {line} < {shlex.quote(str(file))}"], timeout=timeout, check=False)
        return _checked(result, log, login.connect or address)


@contextmanager
def _log() -> Iterator[Path]:
    """A log for one ssh of this host: the command's standard error may hold the words of an ssh on the machine."""
    with tempfile.NamedTemporaryFile(prefix="kubeadm-ha-ssh-") as log:
        yield Path(log.name)


def _checked(result: Result, log: Path, target: str) -> Result:
    """The command's result; raises SshFailed where ssh has logged that it failed itself."""
    logged = log.read_text(errors="replace").strip()
    lost = f"Connection to {target} closed by remote host."  # the only thing that ssh prints past its log
    if result.rc == _FAILED and (logged or result.stderr.endswith(f"{lost}\n")):
        raise SshFailed(logged or lost)
    return result
