"""The words that docs/contributing.md has plainer ones for: found wherever they are whole words, and only there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import words

LOUD = [
    ("Somebody said so.", ["somebody", "said"]),
    ("def looked_at(self) -> None:", ["looked at"]),
    ("def test_what_nobody_asked_for() -> None:", ["nobody", "asked"]),
    ("_NOBODY = 7999", ["nobody"]),
    ("class CameOf:\n    whatHelps = 1", ["came of", "what helps"]),
    ("raise BadInput(f\"'{port}' is no port\")", ["is no"]),
    ("text = 'it makes no  sense'", ["makes no sense"]),
    ("machines that are there\nalready", ["there already"]),
    ("# what can be\n# had here", ["can be had"]),
    ("<p>This is no page.</p>", ["is no"]),
    ("There is no port; 'x' is no port.", ["is no"]),
    ("nobody's business; the user was (told).", ["nobody", "told"]),
    ("[lanes]\nmend = 'x'", ["lanes", "mend"]),
    ("a sheet of style", ["sheet"]),
    ('{"accommodation": 1}', ["accommodation"]),
]
QUIET = [
    "There is no cluster, and there\n    is no machine.",
    "# Of these there\n# is no copy.",
    "It is no longer there, is no more and is no less.",
    "control planes, planetary, uplanes, glosses, untold, aforesaid, amends, recommended, unasked, worksheets",
    "controlPlanes, UNTOLD_PLANES, control_plane",
    "A style sheet is in stylesheet.css.",
    'run["accommodations"], {{ cluster.accommodations }}',
    "This is not a port, and is none.",
    "It looks fine already.",
]


@pytest.mark.parametrize(("text", "expected"), LOUD)
def test_a_word_of_the_list_is_found_in_text_and_in_names(text: str, expected: list[str]) -> None:
    assert [word for _, word in words.found(text)] == expected


@pytest.mark.parametrize("word", words.words())
def test_every_word_of_the_list_is_found_in_each_way_of_writing_it(word: str) -> None:
    snake = word.replace(" ", "_")
    ways = (word, word.capitalize(), f"{snake}_x", snake.upper(), "x" + "".join(map(str.capitalize, word.split())))
    assert [[each for _, each in words.found(way)] for way in ways] == [[word]] * len(ways)


@pytest.mark.parametrize("text", QUIET)
def test_plain_english_parts_of_words_and_quotations_are_not_found(text: str) -> None:
    assert list(words.found(text)) == []


def test_a_word_is_found_at_its_line() -> None:
    assert list(words.found("a\nb somebody\n\nc told\n")) == [(2, "somebody"), (4, "told")]


def test_the_list_is_read_from_the_page() -> None:
    assert {"mend", "told", "came of", "is no", "there already", "outages"} & {*words.words()} == {
        "mend", "told", "came of", "is no", "there already",
    }  # fmt: skip


def test_a_phrase_that_is_fine_has_a_word_of_the_list_in_it() -> None:
    """Or it is there for nothing."""
    assert [phrase for phrase in words.FINE if not any(word in phrase for word in words.words())] == []


def test_a_file_with_a_word_of_the_list_is_named_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True, timeout=60)
    for name, text in {"docs/a.md": "Plain.\nIt was told.\n", "b.py": "fine = 1\n", "LICENSE": "as told\n"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "-C", tmp_path, "add", "."], check=True, timeout=60)
    words.words()  # of the project's own page, before its root is another one
    monkeypatch.setattr(words, "ROOT", tmp_path)
    assert (words.main([]), capsys.readouterr().out) == (1, "docs/a.md:2: told\n")
    assert (words.main(["b.py"]), capsys.readouterr().out.strip()) == (0, "")


def test_every_path_that_is_not_searched_exists() -> None:
    assert [path for path in words.NOT_OURS if not (words.ROOT / path).exists()] == []


def test_the_project_has_none_of_the_words() -> None:
    assert words.places() == []
