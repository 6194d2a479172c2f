"""A reader's shell on a machine: what one block exports, later ones see, and so does the folder they are in."""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from pathlib import Path

from documentation.execution.results import Form, Try
from provision.clusters_door import Machine
from provision.util.concurrency import together
from provision.util.errors import Problem, TimedOut
from provision.util.redaction import Redactor
from provision.util.result import WITHHELD, last_lines

_TIMEOUT = 420  # seconds for a block: kubeadm init alone waits for up to four minutes
SHOWN_LINES = 12  # of an answer that are kept: its end, which has the error or the result
_MARK = "‹commands that failed›"
_SHAPE = "‹64 hexadecimal digits›"

# Variables may be secrets, and what is kept is run: the folder is the user's alone, and never one that another user has
# put there.
_SCRIPT = """\
state={state}-$EUID
mkdir -m 700 $state 2>/dev/null || {{ [ -O $state ] && [ ! -L $state ]; }} || {{
  echo "$state belongs to another user" >&2
  exit 1
}}
[ -f $state/variables ] && . $state/variables 2>/dev/null
cd "$(cat $state/folder 2>/dev/null || pwd)"
: > $state/failed
trap 'printf "%s\\n" "$BASH_COMMAND" >> {state}-$EUID/failed' ERR
{text}
rc=$?
trap - ERR
state={state}-$EUID
own='^declare -[a-zA-Z]*r|^declare -[-a-zA-Z]+ (BASH|FUNCNAME|PIPESTATUS|DIRSTACK|SSH_|state|own|rc|_)'
declare -p | grep -Ev "$own" > $state/variables
pwd > $state/folder
[ -s $state/failed ] && {{ echo '{mark}'; cat $state/failed; }} >&2
exit $rc
"""


class ShellSession:
    """One reader's shells, one for each user and machine. `end` it: machines keep its variables until then."""

    def __init__(self) -> None:
        self.state = Path(f"/tmp/page-shell-{secrets.token_hex(8)}")  # on machines, each user's behind a hyphen
        self._machines: dict[str, Machine] = {}

    def script(self, text: str, *, root: bool, bounded: int = 0) -> str:
        """A command line that types `text` into the login user's shell, or into root's behind `sudo -E`."""
        body = _SCRIPT.format(state=self.state, text=text, mark=_MARK)
        limit = f"timeout {bounded} " if bounded else ""
        shell = f"{'sudo -E ' if root else ''}{limit}bash"
        return (
            f"file=$(mktemp); cat > $file <<'PAGE'\n{body}PAGE\n{shell} $file </dev/null; rc=$?; rm -f $file; exit $rc"
        )

    def typed(
        self, machine: Machine, text: str, redact: Redactor, *,
        form: Form, root: bool = False, agent: bool = False, bounded: int = 0, secret: bool = False,
        timeout: float = _TIMEOUT,
    ) -> tuple[Try, str]:  # fmt: skip
        """Type a block on a machine. Answers with what came back, redacted, and all of it as it was."""
        self._machines[machine.name] = machine
        line = self.script(text, root=root, bounded=bounded)
        try:
            answer = machine.run(line, timeout=timeout, agent=agent, secret=secret)
        except TimedOut as late:
            return Try(form, machine.name, redact(text), -1, redact(f"{late}")), ""
        errors, _, failed = answer.stderr.partition(_MARK)
        output = "\n".join(part for part in (answer.stdout.strip(), errors.strip()) if part)
        ended = bool(bounded) and answer.rc == 124
        commands = () if ended else tuple(redact(line) for line in failed.strip().splitlines())
        rc = 0 if ended else answer.rc
        shown = redact(_shown(last_lines(output, SHOWN_LINES)))
        if secret:
            shown = "\n".join(re.findall(_SHAPE, shown)) or WITHHELD
        return Try(form, machine.name, redact(text), rc, shown, commands, ended=ended), output

    def end(self) -> None:
        """Remove what the machines keep; a machine that no longer answers is reported by what is run on it next."""

        def forget(machine: Machine) -> None:
            with suppress(Problem):
                machine.run(f"sudo rm -rf {self.state}-*")

        together(forget, self._machines.values())


def _shown(answer: str) -> str:
    """An answer by its shape: of a key, which could be used, only the length is shown."""
    return re.sub(r"(?<!sha256:)\b[0-9a-f]{64}\b", _SHAPE, answer)
