"""Every word that `./run` knows: uses, which check something, and verbs, for clusters by hand. Data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from fixtures.selections import SELECTIONS
from provision.cli.verb_table import VERBS


class Way(Enum):
    """How a use or a verb is run."""

    HARNESS = "in the harness's environment, from the checkout"
    FROM_HERE = "in the harness's environment, from the folder of the user, whose files are named"
    TOX = "by tox, in an environment of its own"


@dataclass(frozen=True)
class Word:
    """One word: a line of help, and what is typed behind it.

    `module` is the package that it is handed over to, `passed` the first arguments that this gets. `host` is what the
    doctor is given before clusters are made; None where none are.
    """

    help: str
    arguments: str
    module: str
    passed: tuple[str, ...] = ()
    way: Way = Way.HARNESS
    host: tuple[str, ...] | None = None

    @property
    def settings(self) -> bool:
        """Whether the settings of clusters may be given."""
        return "--ha-" in self.arguments


_PYTEST = "[--ha-NAME VALUE ...] [ARGUMENTS OF PYTEST ...]"


def _selection(name: str, text: str) -> Word:
    return Word(text, _PYTEST, "fixtures", (name,), host=SELECTIONS[name].for_doctor)


USES: Mapping[str, Word] = MappingProxyType(
    {
        "stacked": _selection(
            "stacked", "bring a stacked cluster up by the documented procedure, check everything, remove it"
        ),
        "external": _selection("external", "the same with an etcd cluster on machines of its own"),
        "all": _selection("all", "every path through the page: both topologies, certificates uploaded and by hand"),
        "mutable": _selection("mutable", "what changes a cluster: renewal, late joins, refusals"),
        "faults": _selection("faults", "faults under traffic: what is lost, for how long, and what is promised still"),
        "upgrade": _selection("upgrade", "build with the minor before, check, upgrade by the documentation, check"),
        "families": _selection("families", "what kubeadm's own CI tries, on small clusters"),
        "bisect": Word(
            "find the commit of Kubernetes that brought a failure: one cluster a step, resumable",
            "--ha-source DIR GOOD BAD [--ha-NAME VALUE ...] ...", "bisection", host=("stacked",),
        ),
        "check": Word(
            "what does any kubeadm cluster survive, and what is wrong with it? Changes nothing",
            "[HOSTS|CLUSTER] [--kubeconfig FILE] ...", "fixtures.check", way=Way.FROM_HERE,
        ),
        "seeded": Word(
            "plant defects on a kept cluster, one by one: does the check find each, and it alone?",
            "[NAME ...] [--cluster ID] [--facts FOLDER]", "tests.seeded", ("check",),
        ),
        "documentation": Word(
            "check pages: drift, behind, check, review, claims, blocks, record, execute, outcomes",
            "VERB ...", "documentation", way=Way.FROM_HERE,
        ),
        "drift": Word(
            "compare a page with a later edition or a translation: documentation drift", "OLD NEW", "documentation",
            ("drift",), way=Way.FROM_HERE,
        ),
        "judge": Word(
            "check again what clients recorded in a run under faults: can all of it be true?", "RUN [--all]",
            "resilience.histories", way=Way.FROM_HERE,
        ),
        "figures": Word(
            "keep what faults did in runs, and write the tables of docs/ from all that was kept", "[RUN ...]",
            "resilience.figures", way=Way.FROM_HERE,
        ),
        "results": Word(
            "keep the results of runs, draw a page of them: add, page, issue, durations, prow", "VERB ...", "nightly",
            way=Way.FROM_HERE,
        ),
        "unit": Word(
            "lint, types, imports and unit tests of the harness itself", "[ARGUMENTS OF PYTEST ...]", "tox",
            ("unit",), way=Way.TOX,
        ),
        "tests": Word(
            "everything that proves the harness itself, real clusters included", _PYTEST, "tox", ("tests",),
            way=Way.TOX, host=SELECTIONS["tests"].for_doctor,
        ),
    }
)  # fmt: skip
"""What `./run` is for; each brings up, checks or reads something and ends with a verdict."""

BY_HAND: Mapping[str, Word] = MappingProxyType(
    {name: Word(verb.help, verb.arguments, "provision", (name,)) for name, verb in VERBS.items()}
)
"""Clusters by hand."""

WORDS: Mapping[str, Word] = MappingProxyType({**USES, **BY_HAND})
"""Both."""

HELP = ("help", "-h", "--help")
"""What asks for help."""
