"""Configuration in two editions: keys that came, went, moved, or have another value; and YAML that is none any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import yaml

from documentation.drift import keys, revision, texts
from documentation.drift.keys import Entry, Keys, Moved
from documentation.drift.revision import Change, Editions
from documentation.findings.rules import Finding, Found, Needs, Weight, rule
from documentation.pages.block import Block

_KEYS = 5  # of a configuration that are shown one by one
_OTHER_FORMATS = ("toml", "ini", "cfg", "conf", "hcl")


@dataclass(frozen=True)
class Text:
    """A configuration as a page shows it: its text, the block that has it, and its first line on the page."""

    text: str
    block: Block
    line: int


def changed(old: Text, new: Text, editions: Editions) -> Iterator[Finding]:
    """All that differs, by keys where both are YAML, else by lines."""
    found = list(by_keys(old, new, editions))
    if found:
        yield from found
    elif isinstance(keys.read(old.text), dict) and isinstance(keys.read(new.text), dict):
        yield from texts.spelled_otherwise(new.block, new.line)
    else:
        before, after = texts.uncommented(old.block), texts.uncommented(new.block)
        yield from texts.lines(before, after, new.block, new.line, editions, blanks=True)


def by_keys(old: Text, new: Text, editions: Editions) -> Iterator[Finding]:
    """What differs between two texts in YAML; nothing where one of them never was a configuration in it."""
    if new.block.info in _OTHER_FORMATS:
        return
    one, other = keys.read(old.text), keys.read(new.text)
    if isinstance(one, dict) and isinstance(other, yaml.MarkedYAMLError):
        yield from broken(other, new)
    elif isinstance(one, yaml.MarkedYAMLError) and isinstance(other, dict) and new.text.split() == old.text.split():
        yield from valid_again(new)
    elif isinstance(one, dict) and isinstance(other, dict):
        yield from list(collapsed(one, other, new)) or differing(one, other, old, new, editions)


@rule("configuration", Weight.BREAKS, Needs.OTHER_PAGE)
def broken(error: yaml.MarkedYAMLError, new: Text) -> Iterator[Found]:
    """YAML that a program reads on the other page, and does not read on this one."""
    line = min(error.problem_mark.line if error.problem_mark else 0, len(new.text.splitlines()) - 1)
    what = f"is not valid YAML any more: {error.problem or error.context}"
    fix = "indent the lines with blanks as they were, each key on a line of its own"
    yield Found(new.line + line, new.block.id, what, fix)


@rule("configuration", Weight.REMARK, Needs.OTHER_PAGE)
def valid_again(new: Text) -> Iterator[Found]:
    """YAML that a program reads, and that it could not read on the other page."""
    yield Found(new.line, new.block.id, "is valid YAML, and was not on the other page", improves=True)


@rule("configuration", Weight.BREAKS, Needs.OTHER_PAGE)
def collapsed(one: Keys, other: Keys, new: Text) -> Iterator[Found]:
    """A list whose items became one text."""
    for key, before in one.items():
        after = other.get(key)
        joined = next((each for each in after.items if _holds_two(each, before.items)), "") if after else ""
        if after and joined:
            what = f"{key} was a list of {len(before.items)}, and several of these are one text now: `{joined}`"
            yield Found(new.line + after.line, new.block.id, what, "write each item on a line of its own")


@rule("configuration", Weight.MISLEADS, Needs.OTHER_PAGE)
def differing(one: Keys, other: Keys, old: Text, new: Text, editions: Editions) -> Iterator[Found]:
    """Keys that differ: one finding where a key was renamed or moved, with all that is below it."""
    newer = editions.newer(old.text, new.text)
    moved, gone, come = keys.moved(one, other)
    found = [_renamed(each, other) for each in moved]
    found += [
        _Key(
            key,
            f"{key}: {_value(one.get(key))} became {_value(other.get(key))}",
            _weight(key, one.get(key), other.get(key), editions),
            other[key].line if key in other else _near(key, one, other),
        )
        for key in dict.fromkeys([*one, *other])
        if key in {*gone, *come} or (key in one and key in other and one[key].value != other[key].value)
    ]
    weight = Weight.REMARK if newer else max((each.weight for each in found), default=Weight.REMARK)
    if len(found) > _KEYS:
        shown = ", ".join(each.key for each in found[:_KEYS])
        what = f"{len(found)} keys of the configuration differ: {shown} and more"
        yield Found(new.line + min(each.line for each in found), new.block.id, what, weight=weight)
        return
    for each in found:
        yield Found(new.line + each.line, new.block.id, each.what, weight=min(each.weight, weight))


@dataclass(frozen=True)
class _Key:
    """A key that differs, and its line within the new text."""

    key: str
    what: str
    weight: Weight
    line: int


def _renamed(key: Moved, other: Keys) -> _Key:
    below = "" if key.count == 1 else f", with {key.count} keys below it"
    newer = revision.change(key.name, key.to) is Change.NEWER
    name, to = f"{key.name}.", f"{key.to}."
    within = name.startswith(to) or to.startswith(name)  # one of the two is the other's parent
    line = other[key.now].line if within else other[key.now].line_of(key.to)
    what = f"{key.first} moved to {key.now}" if within else f"{key.name} became {key.to}{below}"
    weight = Weight.REMARK if newer else Weight.MISLEADS
    return _Key(key.name, f"{what}{', which is newer' if newer else ''}", weight, line)


def _weight(key: str, before: Entry | None, after: Entry | None, editions: Editions) -> Weight:
    if after is None:
        return Weight.REMARK if editions.gone_everywhere(key.rpartition(".")[2]) else Weight.MISLEADS
    if not editions.revised:
        return Weight.MISLEADS
    revises = before is None or editions.revises(before.value, after.value)
    return Weight.REMARK if revises else Weight.MISLEADS


def _near(key: str, one: Keys, other: Keys) -> int:
    """The line of what stands before a key on the old page, and is on the new one, too."""
    before = [*one][: [*one].index(key)]
    return next((other[each].line for each in reversed(before) if each in other), 0)


def _value(entry: Entry | None) -> str:
    return entry.value if entry else "(nothing)"


def _holds_two(text: str, items: tuple[str, ...]) -> bool:
    """Whether a text has two items that followed each other, with the dash of the second one between them."""
    return any(f"{one} - {other}" in " ".join(text.split()) for one, other in pairwise(items))
