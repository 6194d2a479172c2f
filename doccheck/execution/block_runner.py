"""Types a page's blocks on a cluster's machines, as its reader would."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from doccheck.execution import plan, trees
from doccheck.execution.output_match import missing
from doccheck.execution.page_view import Sheet
from doccheck.execution.plan import Planned
from doccheck.execution.rendering import filled, left_open, obeyed
from doccheck.execution.results import Try
from doccheck.execution.shell_session import Session
from doccheck.pages import shell
from doccheck.pages.block import Block
from provision.cluster import Cluster
from provision.kubeadm.commands import accommodated, keep_printed
from provision.kubeadm.printed import uploaded_key
from provision.machines.machine import Machine
from provision.util.concurrency import together

_INIT = "kubeadm init --"
_NOT_THERE = 127
"""A shell's exit status where there is no such program: waiting brings none."""


class Typist:
    """One reader of a few pages, by their names."""

    def __init__(self, cluster: Cluster, sheets: Mapping[str, Sheet]) -> None:
        self._cluster = cluster
        self._sheets = sheets
        self._context = plan.context(cluster)
        self._session = Session()

    def leave(self) -> None:
        """Take what the machines keep of this reader away."""
        self._session.end()

    def block(self, planned: Planned) -> Block | None:
        """The page's block, where it has it."""
        return self._sheets[planned.page].blocks.get(planned.id)

    def rendered(self, planned: Planned) -> str:
        """What is typed: the page's text, obeyed, filled in, and with the departures that have a reason."""
        if planned.printed:
            return accommodated(self._cluster, plan.printed(self._cluster, planned.printed))
        block, words = self._written(planned), self._sheets[planned.page].words
        text = obeyed(block, words, external=not self._cluster.id.stacked) if planned.external else block.text
        text = filled(text, {name: self._context[value] for name, value in planned.values.items()})
        for edit in self._edits(planned):
            text = text.replace(edit["old"], self._named(edit["new"]))
        for add in planned.adds:
            text = f"{text.rstrip()}{chr(10) if planned.file else ' '}{self._named(add['text'])}"
        return accommodated(self._cluster, text) if _INIT in text else text

    def departures(self, planned: Planned) -> list[str]:
        """Why what is typed is not what the page has."""
        reasons = [each["reason"] for each in (*self._edits(planned), *planned.adds)]
        reasons += [planned.unsaid] if planned.unsaid else []
        if "--ignore-preflight-errors" in self.rendered(planned):
            reasons.append("this host makes --ignore-preflight-errors necessary")
        return reasons

    def left_open(self, planned: Planned) -> str:
        """What is still to be filled in; a block with that is not run."""
        names = [] if planned.printed else left_open(self.rendered(planned), self._written(planned).kind)
        return f"nobody has said what goes in for {', '.join(names)}" if names else ""

    def printed_otherwise(self, planned: Planned) -> list[str]:
        """The flags of a command on the page that the one which kubeadm printed does not have."""
        if not planned.printed:
            return []
        shown, real = (
            shell.parse(text).commands for text in (self._written(planned).text, self.rendered(planned))
        )  # fmt: skip
        return sorted(shown[0].flags.keys() - real[0].flags.keys()) if shown and real else []

    def tries(self, planned: Planned, lane: str, *, text: str = "", but: Collection[str] = ()) -> list[Try]:
        """Type the block, or `text` in its place, on its machines `but` those named."""
        content = text or self.rendered(planned)
        machines = [each for each in plan.machines(self._cluster, planned.on) if each.name not in but]
        if planned.at_once == self._cluster.id.topology:
            return together(lambda machine: self._patiently(planned, lane, machine, content), machines)
        return [each for machine in machines for each in self._on(planned, lane, machine, content)]

    def sample(self, planned: Planned) -> Block | None:
        """The output that the page shows for a block; none where the page has the block typed otherwise on this way."""
        certificates = any("certificates" in each for each in self._edits(planned))
        return None if certificates else self._sheets[planned.page].blocks.get(planned.sample)

    def probes(self, planned: Planned, lane: str) -> list[Try]:
        """Look at what the block has to have left behind, on each of its machines."""
        found = []
        for machine in plan.machines(self._cluster, planned.on) if planned.probe else ():
            answer = machine.run(planned.probe)
            seen = answer.stdout.strip()
            wrong = seen != planned.expects
            said = f"{seen or answer.stderr.strip()}, where {planned.expects} is expected" if wrong else seen
            found.append(Try(lane, machine.name, planned.probe, int(wrong), said))
        return found

    def trees(self, planned: Planned) -> list[Try]:
        """Look for exactly the files that a block draws, but for hidden ones, which a home folder has."""
        found = []
        for machine in plan.machines(self._cluster, planned.on):
            values = {name: self._context[value] for name, value in planned.values.items()} | {"HOME": machine.home}
            for folder, files in trees.drawn(self._written(planned).text, values).items():
                command = f"sudo find {folder} -type f -not -path '*/.*' -printf '%P\\n'"
                answer = machine.run(command)
                wrong = trees.differences(files, set(answer.stdout.split()))
                wrong += [answer.refusal.reason] if answer.refusal else []
                said = "\n".join(wrong) or f"exactly these {len(files)}"
                found.append(Try("literal", machine.name, command, int(bool(wrong)), said))
        return found

    def _on(self, planned: Planned, lane: str, machine: Machine, text: str) -> Iterator[Try]:
        if planned.file:
            machine.put(planned.file, text)
            yield Try(lane, machine.name, text, 0, f"written to {planned.file}")
        elif planned.repeat:
            for each in self._cluster.etcd_machines[1:]:
                yield self._patiently(planned, lane, machine, filled(text, {planned.repeat: each.address}))
        else:
            yield self._patiently(planned, lane, machine, text)

    def _patiently(self, planned: Planned, lane: str, machine: Machine, text: str) -> Try:
        deadline = time.monotonic() + planned.until * self._cluster.patience
        while True:
            found = self._once(planned, lane, machine, text)
            if found.ok or found.rc == _NOT_THERE or time.monotonic() >= deadline:
                return found
            time.sleep(1)

    def _once(self, planned: Planned, lane: str, machine: Machine, text: str) -> Try:
        found, output = self._session.typed(
            machine, text, self._cluster.journal.redact, lane=lane, root=planned.root, agent=planned.agent,
            bounded=planned.bounded, secret=planned.secret,
        )  # fmt: skip
        if found.ok:
            self._keep(text, output)
        sample = self.sample(planned)
        return replace(found, unlike=tuple(missing(sample.text, output) if sample and found.ok else []))

    def _keep(self, text: str, output: str) -> None:
        """What init printed, for the joins, and the key of what was uploaded last, for who looks into that."""
        if _INIT in text:
            keep_printed(self._cluster, output)
        if key := uploaded_key(output):
            self._cluster.journal.redact.learn(key)
            self._cluster.observations.secrets.certificate_key = key

    def _edits(self, planned: Planned) -> list[Mapping[str, str]]:
        """The edits of this way through the page that change anything on it."""
        text = self._written(planned).text
        mine = self._cluster.id.certificates
        ours = [each for each in planned.edits if each.get("certificates", mine) == mine and each["old"] in text]
        return [each for each in ours if self._named(each["new"]) != each["old"]]

    def _written(self, planned: Planned) -> Block:
        return self._sheets[planned.page].blocks[planned.id]

    def _named(self, text: str) -> str:
        for name, value in self._context.items():
            text = text.replace(f"{{{name}}}", value)
        return text
