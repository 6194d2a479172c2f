"""A way to the API with kubectl on a control plane: the administrator's file stays where it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from checks.collecting import limits
from checks.collecting.api import Reply
from checks.collecting.machine import Visit, why
from checks.collecting.sections import Answer, answers, command
from provision.config.addresses import at
from provision.util.errors import Problem

_ADMIN, _SUPER_ADMIN = "/etc/kubernetes/admin.conf", "/etc/kubernetes/super-admin.conf"
_STATUS = {"NotFound": 404, "Forbidden": 403, "Unauthorized": 401}


class OnControlPlane:
    """Requests to the API server of a control plane, from there and as administrator."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self.server = f"https://{at(visit.address, visit.ports.api_server)}"

    def get(self, paths: Mapping[str, str], seconds: int = limits.OBJECTS) -> Mapping[str, Reply]:
        """Replies by the names of the paths; kubectl prints the error of a request that fails."""
        machine = self._visit.machine
        assert machine, "a control plane that was not logged in to"
        each = max(2, seconds - limits.EXCHANGE)
        visit = {name: self._command(path, each) for name, path in paths.items()}
        try:
            printed = machine.run(command(visit, each * machine.patience), timeout=seconds, secret=True)
        except Problem as problem:
            return {name: Reply(self._how(path), 0, error=why(problem)) for name, path in paths.items()}
        given = answers(visit, printed.stdout)
        return {
            name: _reply(self._how(path), given.any(name))
            if name in given
            else Reply(self._how(path), 0, error=f"kubectl on {self._visit.name} did not answer in time")
            for name, path in paths.items()
        }

    def _command(self, path: str, seconds: int) -> str:
        options = f'--kubeconfig {self._file} --server "{self.server}" --request-timeout {seconds}s'
        return f'kubectl {options} get --raw "{path}"'

    @property
    def _file(self) -> str:
        """The administrator's file; the other one where that was put away, as is advised on machines of many users."""
        files = self._visit.given.maybe("kubeconfigs")
        return _SUPER_ADMIN if _SUPER_ADMIN in files and _ADMIN not in files else _ADMIN

    def _how(self, path: str) -> str:
        return f"on {self._visit.name}: kubectl get --raw {path}"


def _reply(how: str, answer: Answer) -> Reply:
    text = answer.text.strip()
    if answer.ok:  # kubectl's warnings stand before what the API sent
        return Reply(how, 200, text[max(text.find("{"), 0) :])
    reason = re.search(r"^Error from server \((\w+)\): (.*)", text, re.MULTILINE | re.DOTALL)
    if reason:
        return Reply(how, _STATUS.get(reason[1], 500), reason[2], reason[2].splitlines()[0] if reason[2] else "")
    return Reply(how, 0, error=text.splitlines()[-1] if text else "kubectl failed and printed nothing")
