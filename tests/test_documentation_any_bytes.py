"""Whatever comes in: a page is read and checked, or refused in a sentence; there is no third way."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documentation.__main__ import main
from documentation.pages import markdown, source
from documentation.reports import report
from provision.util.errors import BadInput
from tests.editions import PAGES
from tests.hostile import patiently

EN = (PAGES / "orchard.en.md").read_text()
PIECES = (
    "`", "```\n", "~~~\n", "<", "<!--", "-->", "{{< note >}}", "{{< /note >}}", "{{% tab %}}", "{{<", "---\n", "\t",
    "$", "${", '"', "'", "<<EOF\n", "EOF\n", "|", "\n\n", "\n- ", "\n> ", "[", "](", "]", "{#", "}", "&a", "*a",
    "!!int x", ": ", "\n# ", "\r", "\x0b", "\x85", "\u2028", "\ufeff", "\u202e", "\ue03c", "é", "0x_", "2023-02-31",
    "\\", "\x1b[31m", '<a id="x">', "? [a]: b\n", "\n    ", "…", "kubeadm ", "\nfor x in y; do ", "$(", "{a|b}",
)  # fmt: skip
edits = st.lists(
    st.tuples(st.integers(0, len(EN)), st.integers(0, 40), st.one_of(st.sampled_from(PIECES), st.text(max_size=5))),
    min_size=1,
    max_size=12,
)


@settings(patiently, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=edits, end=st.sampled_from(("md", "txt")))
def test_a_page_with_any_edits_is_checked_or_refused(
    edits: list[tuple[int, int, str]], end: str, tmp_path: Path
) -> None:  # fmt: skip
    text = EN
    for at, gone, come in edits:
        text = text[:at] + come + text[at + gone :]
    path = tmp_path / f"page.{end}"
    path.write_bytes(text.encode(errors="replace"))
    try:
        found = report.of_page(source.read(str(path)), None)
    except BadInput:
        return
    assert (found.text() and found.markdown(), found.status in (0, 1)) == (found.markdown(), True)
    assert all(1 <= each.line <= text.count("\n") + text.count("\r") + 1 for each in found.own)


@patiently
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        report.of_page(markdown.parse(content.decode()), None).text()
    except UnicodeDecodeError:
        return


@pytest.mark.parametrize("piece", ["[", "(", "> ", "- ", "{", "$(", "<", "*", "`", "((", "{{< note >}}\n", "a: {b: "])
def test_a_page_that_nests_deeply_is_checked_or_refused(piece: str, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    for page in (piece * 1500, f"---\ntitle: {piece * 1500}\n---\nA\n", f"```sh\necho {piece * 1500}\n```\n"):
        path.write_text(page)
        assert main(["check", "--kubeadm", "none", str(path)]) in (0, 1, 2)


def test_a_file_over_the_documented_size_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    path = tmp_path / "page.md"
    path.write_text("# A\n" + "a\n" * (source.LARGEST // 2))
    status, error = main(["check", "--kubeadm", "none", str(path)]), capsys.readouterr().err
    assert (status, error) == (2, f"{path} is larger than 2 MiB, the most that a page may have\n")


def test_a_site_that_does_not_answer_exits_as_bad_input_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--kubeadm", "none", "http://127.0.0.1:9/p.md"]) == 2
    assert "http://127.0.0.1:9/p.md cannot be read" in capsys.readouterr().err


class _EndlessServer(BaseHTTPRequestHandler):
    """Sends letters until the reader hangs up."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"a" * 2**16)
        except OSError:
            pass

    def log_message(self, *_: object) -> None:
        pass


def test_a_download_without_an_end_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with HTTPServer(("127.0.0.1", 0), _EndlessServer) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/p.md"
        status, error = main(["check", "--kubeadm", "none", url]), capsys.readouterr().err
    assert (status, error) == (2, f"{url} is larger than 2 MiB, the most that a page may have\n")
