"""Types a page's blocks on a cluster's machines, as its reader would."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from documentation.drift.words import Words
from documentation.lanes import plan
from documentation.lanes.outcome import Try
from documentation.lanes.plan import Planned
from documentation.lanes.rendering import filled, left_open, obeyed
from documentation.lanes.session import typed
from documentation.lanes.shape import missing
from documentation.pages.block import Block
from provision.cluster import Cluster
from provision.kubeadm import printed
from provision.kubeadm.commands import accommodated

_INIT = "kubeadm init --"


class Typist:
    """One reader of one page, with the words of its language. `blocks` are the page's by the original's ids."""

    def __init__(self, cluster: Cluster, blocks: Mapping[str, Block], words: Words) -> None:
        self._cluster = cluster
        self._blocks = blocks
        self._words = words
        self._context = plan.context(cluster)

    def rendered(self, planned: Planned) -> str:
        """What is typed: the page's text, obeyed, filled in, and with the departures that have a reason."""
        if planned.printed:
            return accommodated(self._cluster, plan.printed(self._cluster, planned.printed))
        block = self._blocks[planned.id]
        text = obeyed(block, self._words, external=not self._cluster.id.stacked) if planned.external else block.text
        text = filled(text, {name: self._context[value] for name, value in planned.values.items()})
        for edit in self._edits(planned):
            text = text.replace(edit["old"], self._named(edit["new"]))
        for add in planned.adds:
            text = f"{text.rstrip()}{chr(10) if planned.file else ' '}{self._named(add['text'])}"
        return accommodated(self._cluster, text) if _INIT in text else text

    def departures(self, planned: Planned) -> list[str]:
        """Why what is typed is not what the page has."""
        reasons = [each["reason"] for each in (*self._edits(planned), *planned.adds)]
        if "--ignore-preflight-errors" in self.rendered(planned):
            reasons.append("this host makes --ignore-preflight-errors necessary")
        return reasons

    def left_open(self, planned: Planned) -> str:
        """What is still to be filled in; a block with that is not run."""
        names = [] if planned.printed else left_open(self.rendered(planned), self._blocks[planned.id].kind)
        return f"nobody has said what goes in for {', '.join(names)}" if names else ""

    def tries(self, planned: Planned, lane: str, *, text: str = "", but: Collection[str] = ()) -> list[Try]:
        """Type the block, or `text` in its place, on its machines `but` those named."""
        return list(self._tries(planned, lane, text or self.rendered(planned), but))

    def sample(self, planned: Planned) -> Block | None:
        """The output that the page shows for a block; none where the page has the block typed otherwise on this way."""
        return None if self._edits(planned) else self._blocks.get(planned.sample)

    def probes(self, planned: Planned, lane: str) -> list[Try]:
        """Look at what the block has to have left behind, on each of its machines."""
        found = []
        for machine in plan.machines(self._cluster, planned.on) if planned.probe else ():
            seen = machine.run(planned.probe).stdout.strip()
            wrong = seen != planned.expects
            said = f"{seen}, where {planned.expects} is expected" if wrong else seen
            found.append(Try(lane, machine.name, planned.probe, int(wrong), said))
        return found

    def _tries(self, planned: Planned, lane: str, text: str, but: Collection[str]) -> Iterator[Try]:
        for machine in plan.machines(self._cluster, planned.on):
            if machine.name in but:
                continue
            if planned.file:
                machine.put(planned.file, text)
                yield Try(lane, machine.name, text, 0, f"written to {planned.file}")
                continue
            found, output = typed(
                machine, text, self._cluster.journal.redact, lane=lane, root=planned.root, agent=planned.agent,
                bounded=planned.bounded, secret=planned.secret,
            )  # fmt: skip
            if found.ok and _INIT in text:
                self._keep(output)
            sample = self.sample(planned)
            unlike = missing(sample.text, output) if sample and found.ok else []
            yield replace(found, unlike=tuple(unlike))

    def _keep(self, output: str) -> None:
        """What init printed, for the joins."""
        found = printed.parse(output)
        self._cluster.journal.redact.learn(found.token, found.certificate_key)
        self._cluster.observations["printed_joins"] = [found.control_plane_join, found.worker_join]

    def _edits(self, planned: Planned) -> list[Mapping[str, str]]:
        """The edits of this way through the page that change anything on it."""
        text = self._blocks[planned.id].text
        mine = self._cluster.id.certificates
        return [each for each in planned.edits if each.get("certificates", mine) == mine and each["old"] in text]

    def _named(self, text: str) -> str:
        for name, value in self._context.items():
            text = text.replace(f"{{{name}}}", value)
        return text
