"""What failed in an attempt, with its gist: as it was kept, or made from the text of a store that is older."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from nightly.attempts import STEP, Attempt
from nightly.gists import gist
from nightly.gists.gist import Gist, function_of
from nightly.store import Data, Store
from nightly.summary import RED

Place = tuple[str, str, str]
"""Run, cluster and scenario."""


@dataclass(frozen=True)
class Failed:
    """One scenario, or step, that failed on one machine; `failure` as of `Attempt.failures`."""

    attempt: Attempt
    scenario: str
    failure: Data
    gist: Gist

    @property
    def place(self) -> Place:
        """Where it failed."""
        return self.attempt.run, self.attempt.cluster, self.scenario

    @property
    def subject(self) -> str:
        """The machine, or `cluster`."""
        return str(self.failure["subject"])


class Reader:
    """Reads failures of a store; equal texts are read once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._made = cache(self._make)
        self._step = cache(gist.step)

    def of(self, attempt: Attempt) -> list[Failed]:
        """Everything that is red in an attempt: each has a cause, also where what failed is not known any more."""
        kept = [Failed(attempt, each["scenario"], each, self._gist(each)) for each in attempt.data["failures"]]
        have = {each.scenario for each in kept}
        others = [name for name, letter in attempt.letters.items() if letter == RED and name not in have]
        return [*kept, *(failed for name in others for failed in self._others(attempt, name))]

    def text(self, failed: Failed) -> str:
        """All that is known of a failure, redacted as it was kept."""
        return str(failed.failure["error"]) if "error" in failed.failure else self._store.text(failed.failure["text"])

    def _gist(self, failure: Data) -> Gist:
        function = function_of(failure["scenario"])
        if "gist" in failure:
            return Gist(self._store.text(failure["gist"]), function if failure.get("silent") else "")
        return self._made(failure["text"], failure["reason"], function)

    def _make(self, digest: str, reason: str, function: str) -> Gist:
        return gist.gist(self._store.text(digest), reason, function)

    def _others(self, attempt: Attempt, scenario: str) -> Iterable[Failed]:
        if not scenario.startswith(STEP):
            unknown = {"subject": "cluster", "reason": "", "error": ""}
            return [Failed(attempt, scenario, unknown, Gist("", function_of(scenario)))]
        step = scenario.removeprefix(STEP)
        return [Failed(attempt, scenario, each, self._step(step, each["error"])) for each in attempt.failures(scenario)]
