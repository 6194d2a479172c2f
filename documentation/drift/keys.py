"""A configuration's keys: the path of each, its value as text, and its line. Dates, numbers and the like stay text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml


@dataclass(frozen=True)
class Entry:
    """A key's value as text, and `items` where it is a list of texts.

    `lines`, from 0, are those of the parts of the key's path.
    """

    value: str
    lines: tuple[int, ...]
    items: tuple[str, ...] = ()

    @property
    def line(self) -> int:
        """The line of the key itself."""
        return self.lines[-1]

    def line_of(self, path: str) -> int:
        """The line of one of the keys above it."""
        return self.lines[min(len(_parts(path)), len(self.lines)) - 1]


Keys = dict[str, Entry]
"""The path of a key, its document's kind first, as in `ClusterConfiguration.etcd.local` → what stands there."""


def read(text: str) -> Keys | yaml.MarkedYAMLError | None:
    """The keys of YAML; the error where it is none; None where it has no keys: only text, or a list."""
    try:
        documents = [each for each in yaml.compose_all(text, Loader=yaml.BaseLoader) if each is not None]
    except yaml.MarkedYAMLError as error:
        return error
    except yaml.YAMLError:  # a letter that YAML does not allow anywhere
        return None
    documents = [each for each in documents if not (isinstance(each, yaml.ScalarNode) and not each.value)]
    if not documents or not all(isinstance(each, yaml.MappingNode) for each in documents):
        return None
    return {key: entry for each in documents for key, entry in _flat(each, _kind(each), (0,) * bool(_kind(each)))}


@dataclass
class Moved:
    """Keys that have another name or another place: the old path, the new one, and how many there are below it.

    `name` and `to` are where the two paths of each key are not the same any more; `first` and `now` are the paths of
    the first key.
    """

    name: str
    to: str
    first: str
    now: str
    count: int = 0


def moved(one: Keys, other: Keys) -> tuple[list[Moved], list[str], list[str]]:
    """Keys that have another name or another place, those that are gone, and those that are new.

    A key is known again by its value and by the end of its path, or by a value that nothing else has.
    """
    gone, come = [key for key in one if key not in other], [key for key in other if key not in one]
    found: dict[tuple[str, str], Moved] = {}
    for key in list(gone):
        same = [each for each in come if other[each].value == one[key].value]
        best = max(same, key=lambda each: _shared(key, each), default="")
        if best and (_shared(key, best) or (len(same) == 1 and _alone(one[key].value, one))):
            heads = _heads(key, best)
            found.setdefault(heads, Moved(*heads, key, best)).count += 1
            gone.remove(key)
            come.remove(best)
    return [*found.values()], gone, come


def _kind(node: yaml.Node) -> str:
    """The document's kind, where it names one."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((str(value.value) for key, value in pairs if key.value == "kind"), "")


def _flat(node: yaml.Node, path: str, lines: tuple[int, ...]) -> Iterator[tuple[str, Entry]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = str(key.value)
            yield from _flat(value, f"{path}.{name}" if path else name, (*lines, key.start_mark.line))
    elif isinstance(node, yaml.SequenceNode):
        yield from _of_list(node, path, lines)
    else:
        text = str(node.value)
        yield path, Entry(text, lines, (text,))


def _of_list(node: yaml.SequenceNode, path: str, lines: tuple[int, ...]) -> Iterator[tuple[str, Entry]]:
    """A list of texts is one entry; others have one for each item, by its name or by its number."""
    if all(isinstance(each, yaml.ScalarNode) for each in node.value):
        items = tuple(str(each.value) for each in node.value)
        yield path, Entry(f"[{', '.join(items)}]", lines, items)
        return
    for number, each in enumerate(node.value):
        yield from _flat(each, f"{path}[{_name(each) or number}]", (*lines[:-1], each.start_mark.line))


def _name(node: yaml.Node) -> str:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((str(value.value) for key, value in pairs if key.value == "name"), "")


def _parts(path: str) -> list[str]:
    return path.split(".")


def _shared(one: str, other: str) -> int:
    """How many parts at the end of two paths are the same."""
    count = 0
    for before, after in zip(reversed(_parts(one)), reversed(_parts(other)), strict=False):
        if before != after:
            break
        count += 1
    return count


def _heads(one: str, other: str) -> tuple[str, str]:
    """Two paths without the parts that they share at their end."""
    count = _shared(one, other)
    before, after = _parts(one), _parts(other)
    count = min(count, len(before) - 1, len(after) - 1)
    return ".".join(before[: len(before) - count]), ".".join(after[: len(after) - count])


def _alone(value: str, one: Keys) -> bool:
    return sum(entry.value == value for entry in one.values()) == 1
