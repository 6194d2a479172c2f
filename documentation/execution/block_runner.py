"""Runs a page's blocks on a cluster's machines, as its reader would."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator
from dataclasses import replace

from documentation.execution import plan, samples
from documentation.execution.plan import Planned
from documentation.execution.rendering import INIT, Renderer, filled
from documentation.execution.results import Form, Try
from documentation.execution.shell_session import SHOWN_LINES, ShellSession
from provision.clusters_door import Cluster, Machine, keep_printed, uploaded_key
from provision.util.concurrency import together
from provision.util.result import last_lines

_NOT_THERE = 127
"""A shell's exit status where there is no such program: waiting brings none."""


class BlockRunner:
    """One reader's shells on the machines of a cluster."""

    def __init__(self, cluster: Cluster, renderer: Renderer) -> None:
        self._cluster = cluster
        self._renderer = renderer
        self._session = ShellSession()

    def end(self) -> None:
        """Remove what the machines keep of this reader."""
        self._session.end()

    def run(self, planned: Planned, form: Form, *, text: str = "", but: Collection[str] = ()) -> list[Try]:
        """Type the block, or `text` in its place, on its machines `but` those named."""
        content = text or self._renderer.rendered(planned).text
        machines = [each for each in plan.machines(self._cluster, planned.on) if each.name not in but]
        if planned.at_once == self._cluster.id.topology:
            return together(lambda machine: self._patiently(planned, form, machine, content), machines)
        return [each for machine in machines for each in self._on(planned, form, machine, content)]

    def probe(self, planned: Planned, form: Form) -> list[Try]:
        """Check what the block has to have left behind, on each of its machines."""
        found = []
        for machine in plan.machines(self._cluster, planned.on) if planned.probe else ():
            answer = machine.run(planned.probe)
            seen = answer.stdout.strip()
            wrong = seen != planned.expects
            shown = f"{seen or answer.stderr.strip()}, where {planned.expects} is expected" if wrong else seen
            found.append(Try(form, machine.name, planned.probe, int(wrong), shown))
        return found

    def compare_trees(self, planned: Planned) -> list[Try]:
        """Compare the files that a block draws with the machine's, but for hidden ones, which a home folder has."""
        found = []
        for machine in plan.machines(self._cluster, planned.on):
            values = self._renderer.values(planned) | {"HOME": machine.home}
            for folder, files in samples.trees(self._renderer.written(planned).text, values).items():
                command = f"sudo find {folder} -type f -not -path '*/.*' -printf '%P\\n'"
                answer = machine.run(command)
                wrong = samples.tree_differences(files, set(answer.stdout.split()))
                wrong += [answer.refusal.reason] if answer.refusal else []
                shown = "\n".join(wrong) or f"exactly these {len(files)}"
                found.append(Try(Form.LITERAL, machine.name, command, int(bool(wrong)), shown))
        return found

    def _on(self, planned: Planned, form: Form, machine: Machine, text: str) -> Iterator[Try]:
        if planned.file:
            machine.put(planned.file, text)
            yield Try(form, machine.name, text, 0, f"written to {planned.file}")
        elif planned.repeat:
            for each in self._cluster.etcd_machines[1:]:
                yield self._patiently(planned, form, machine, filled(text, {planned.repeat: each.address}))
        else:
            yield self._patiently(planned, form, machine, text)

    def _patiently(self, planned: Planned, form: Form, machine: Machine, text: str) -> Try:
        deadline = time.monotonic() + planned.until * self._cluster.patience
        while True:
            found = self._once(planned, form, machine, text)
            if found.ok or found.rc == _NOT_THERE or time.monotonic() >= deadline:
                return found
            time.sleep(1)

    def _once(self, planned: Planned, form: Form, machine: Machine, text: str) -> Try:
        found, output = self._session.typed(
            machine, text, self._cluster.journal.redact, form=form, root=planned.root, agent=planned.agent,
            bounded=planned.bounded, secret=planned.secret,
        )  # fmt: skip
        if found.ok:
            self._keep(text, output)
        sample = self._renderer.sample(planned)
        unlike = tuple(samples.missing_lines(sample.text, output) if sample and found.ok else [])
        promised = bool(re.search(planned.answer, last_lines(output, SHOWN_LINES)))
        return replace(found, unlike=unlike, promised=promised)

    def _keep(self, text: str, output: str) -> None:
        """What init printed, for the joins, and the key of what was uploaded last, for scenarios that need it."""
        if INIT in text:
            keep_printed(self._cluster, output)
        if key := uploaded_key(output):
            self._cluster.journal.redact.learn(key)
            self._cluster.observations.secrets.certificate_key = key
