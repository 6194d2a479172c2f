"""What is written down, and what people see, while a cluster comes to be."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from provision.recording.journal import CommandRecord, Journal, StepRecord
from provision.recording.listeners import Console, JsonLines
from provision.util.atomic_write import append_line
from provision.util.durations import duration
from provision.util.redaction import Redactor


def command(text: str = "true", stdout: str = "") -> CommandRecord:
    return CommandRecord("c", "cp1", "s", text, 0, stdout, "", 1.0, 2.0)


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0.00 s"), (0.04, "0.04 s"), (0.0949, "0.09 s"), (9.44, "9.4 s"), (9.6, "10 s"), (59.4, "59 s"),
     (59.6, "1 min"), (72, "1 min 12 s"), (7500, "2 h 5 min")],
)  # fmt: skip
def test_durations_are_written_in_the_units_that_people_use(seconds: float, text: str) -> None:
    assert duration(seconds) == text


class TestJsonLines:
    def test_a_step_has_a_line_for_its_start_and_one_for_its_end(self, tmp_path: Path) -> None:
        path = tmp_path / "commands.jsonl"
        journal = Journal("c", Redactor(), [JsonLines(path)])
        with journal.step("init", "anchor"):
            journal.command("cp1", "kubeadm init", 0, "out", "", time.time())
        started, ran, finished = read(path)
        assert (started["kind"], started["stop"], started["section"]) == ("step", None, "anchor")
        assert (ran["kind"], ran["step"], ran["stdout"]) == ("command", "init", "out")
        assert (finished["kind"], finished["error"]) == ("step", "")
        assert finished["start"] == started["start"]
        assert finished["stop"]

    def test_only_the_owner_may_read_the_file_of_records(self, tmp_path: Path) -> None:
        JsonLines(tmp_path / "f").command_finished(command())
        assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o600

    def test_output_with_bytes_that_are_not_text_is_recorded_whole(self, tmp_path: Path) -> None:
        JsonLines(tmp_path / "f").command_finished(command(stdout="\udcff\n\x00‹é›\u2028"))
        assert [line["stdout"] for line in map(json.loads, (tmp_path / "f").read_bytes().splitlines())] == [
            "\udcff\n\x00‹é›\u2028"
        ]

    def test_threads_do_not_mix_their_lines(self, tmp_path: Path) -> None:
        lines = JsonLines(tmp_path / "f")
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: lines.command_finished(command(str(n), "x" * 50_000)), range(200)))
        assert {line["command"] for line in read(tmp_path / "f")} == {str(n) for n in range(200)}

    def test_processes_do_not_mix_their_lines(self, tmp_path: Path) -> None:
        script = (
            "import sys; from pathlib import Path; from provision.util.atomic_write import append_line\n"
            "for n in range(100): append_line(Path(sys.argv[1]), {'from': sys.argv[2], 'text': 'x' * 20000})"
        )
        root = Path(__file__).parent.parent
        started = [
            subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "f"), name], cwd=root) for name in "ab"
        ]
        assert [process.wait() for process in started] == [0, 0]
        assert sorted(str(line["from"]) for line in read(tmp_path / "f")) == ["a"] * 100 + ["b"] * 100

    def test_half_a_line_is_taken_back_when_the_disk_is_full(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path, write = tmp_path / "f", os.write
        append_line(path, "before")
        with monkeypatch.context() as full:
            full.setattr(os, "write", lambda descriptor, data: write(descriptor, data[: len(data) // 2]))
            with pytest.raises(OSError, match="No space left"):
                append_line(path, "x" * 1000)
            JsonLines(path).command_finished(command("dropped"))
        append_line(path, "after")
        assert path.read_text() == '"before"\n"after"\n'

    def test_a_line_stands_alone_after_one_that_was_cut_off(self, tmp_path: Path) -> None:
        path = tmp_path / "f"
        path.write_text('"before"\n"cut o')
        append_line(path, "after")
        assert path.read_text().splitlines() == ['"before"', '"cut o', '"after"']

    def test_records_that_cannot_be_written_are_dropped(self, tmp_path: Path) -> None:
        JsonLines(tmp_path / "missing" / "f").command_finished(command())


class TestConsole:
    def test_the_console_shows_a_step_when_it_starts_and_when_it_is_done(self) -> None:
        lines: list[str] = []
        journal = Journal("stacked-uploaded-1.37", Redactor(), [Console(lines.append)])
        with journal.step("initialise"):
            pass
        begun, ended = lines
        assert begun == "stacked-uploaded-1.37  ▸ initialise"
        assert re.fullmatch(r"stacked-uploaded-1\.37  ✓ initialise  \S+ s  \(total \d+ s\)", ended)

    def test_the_total_counts_from_the_clusters_first_step(self) -> None:
        lines: list[str] = []
        console, now = Console(lines.append, ticks=False), time.time()
        console.step_started(StepRecord("c", "one", "", now - 100))
        console.step_finished(StepRecord("c", "one", "", now - 100, now - 90.2))
        console.step_started(StepRecord("c", "two", "", now - 9.8))
        console.step_finished(StepRecord("c", "two", "", now - 9.8, now))
        assert lines[-1] == "c  ✓ two  10 s  (total 1 min 40 s)"

    def test_a_failed_step_says_after_how_long_and_why(self) -> None:
        lines: list[str] = []
        console, now = Console(lines.append, ticks=False), time.time()
        console.step_started(StepRecord("c", "join", "", now))
        console.step_finished(StepRecord("c", "join", "", now, now + 12, "on w1: rc 1\nlong output"))
        assert lines[-1] == "c  ✗ join  after 12 s: on w1: rc 1"

    def test_a_step_within_a_step_is_indented_and_one_alongside_is_not(self) -> None:
        lines: list[str] = []
        journal = Journal("c", Redactor(), [Console(lines.append)])

        def alongside() -> None:
            with journal.step("other thread"):
                pass

        with journal.step("outer"), journal.step("inner"):
            thread = threading.Thread(target=alongside)
            thread.start()
            thread.join()
        marks = [line.split("  (")[0].split("  0.")[0] for line in lines]
        assert marks == [
            "c  ▸ outer", "c    ▸ inner", "c  ▸ other thread", "c  ✓ other thread", "c    ✓ inner", "c  ✓ outer",
        ]  # fmt: skip

    def test_a_long_step_is_mentioned_again_until_it_ends(self) -> None:
        lines: list[str] = []
        journal = Journal("c", Redactor(), [Console(lines.append, interval=0.05)])
        with journal.step("outer"), journal.step("slow"):
            _wait(lambda: sum("…" in line for line in lines) >= 2)
        _wait(lambda: not _reminds())
        mentioned = lines[lines.index("c    ▸ slow") :]
        assert all("slow" in line for line in mentioned if "…" in line)

    def test_a_console_without_reminders_starts_no_thread(self) -> None:
        journal = Journal("c", Redactor(), [Console(lambda _line: None, ticks=False)])
        with journal.step("s"):
            assert not _reminds()

    def test_a_console_that_cannot_write_does_not_make_a_step_fail(self) -> None:
        tried: list[str] = []

        def fails(line: str) -> None:
            tried.append(line)
            raise BrokenPipeError

        journal = Journal("c", Redactor(), [Console(fails, interval=0.01)])
        with journal.step("s"):
            _wait(lambda: sum("…" in line for line in tried) >= 2)
        _wait(lambda: not _reminds())

    def test_a_console_shows_the_end_of_a_step_whose_start_it_did_not_see(self) -> None:
        lines: list[str] = []
        Console(lines.append).step_finished(StepRecord("c", "s", "", 1.0, 2.0))
        assert lines[0].startswith("c  ✓ s  1.0 s")


def _reminds() -> bool:
    return any(thread.name == "progress" for thread in threading.enumerate())


def _wait(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.01)
