"""What was read of a file, before it is known to be valid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provision.config.inventory.sentences import Sentences
from provision.config.inventory.ssh_arguments import Given


@dataclass(frozen=True)
class Reading:
    """A file in the form of an inventory in TOML. `arguments` are those for ssh that hosts have beside it.

    `wrong` is what keeps it from being valid, `notes` what a reader should know of how it was read.
    """

    raw: Mapping[str, Any]
    arguments: Mapping[str, Given] = field(default_factory=dict)
    wrong: Sentences = field(default_factory=Sentences)
    notes: Sentences = field(default_factory=Sentences)
