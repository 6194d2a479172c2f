"""A way to the API with kubectl on a control plane: the administrator's file stays where it is."""

from __future__ import annotations

from collections.abc import Mapping

from checks.collecting.api import Reply
from checks.collecting.sections import answers, command
from provision.config.addresses import at
from provision.errors import Problem
from provision.machines.machine import Machine

_LIMIT = 25  # seconds for everything that is read
_EACH = 6  # seconds for one request


class OnControlPlane:
    """Requests to the API server of a control plane, from there and as administrator."""

    def __init__(self, machine: Machine, address: str, port: int = 6443) -> None:
        self._machine = machine
        self.server = f"https://{at(address, port)}"

    def get(self, paths: Mapping[str, str]) -> Mapping[str, Reply]:
        """Replies by the names of the paths; kubectl prints the error of a request that fails."""
        asked = {name: self._command(path) for name, path in paths.items()}
        try:
            printed = self._machine.run(command(asked), timeout=_LIMIT, secret=True)
        except Problem as problem:
            return {name: Reply(self._how(path), 0, error=problem.what) for name, path in paths.items()}
        given = answers(asked, printed.stdout).all()
        return {
            name: _reply(self._how(path), given[name].text.strip(), given[name].ok)
            if name in given
            else Reply(self._how(path), 0, error=f"kubectl on {self._machine.name} printed nothing")
            for name, path in paths.items()
        }

    def _command(self, path: str) -> str:
        options = f'--kubeconfig /etc/kubernetes/admin.conf --server "{self.server}" --request-timeout {_EACH}s'
        return f'kubectl {options} get --raw "{path}"'

    def _how(self, path: str) -> str:
        return f"on {self._machine.name}: kubectl get --raw {path}"


def _reply(how: str, text: str, ok: bool) -> Reply:
    if ok:
        return Reply(how, 200, text)
    status = 404 if "(NotFound)" in text else 403 if "(Forbidden)" in text else 401 if "(Unauthorized)" in text else 0
    return Reply(how, status, text, text.splitlines()[-1] if text else "kubectl failed and printed nothing")
