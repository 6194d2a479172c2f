"""How far a translation in a checkout is behind its original, in a repository made for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from documentation.__main__ import main
from documentation.pages import source
from documentation.translations.history import Place
from provision.util.errors import BadInput
from tests.translated_checkout import FIRST, HEAD, SECOND, THIRD, TRANSLATED, TYPO, Checkout, translated_checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return translated_checkout(tmp_path)


def _printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    return main([*arguments]), capsys.readouterr().out


def _drift(capsys: pytest.CaptureFixture[str], checkout: Checkout) -> tuple[int, str]:
    return _printed(capsys, "drift", "--kubeadm", "none", checkout.page("en"), checkout.page())


def test_commits_and_the_translations_own_lines_are_listed(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = _printed(capsys, "behind", checkout.page())
    assert status == 1
    assert "boats.md (uk): 2 commits behind" in text
    assert [f"en of day {day}" in text for day in (1, 2, 3)] == [False, True, True]
    assert "misleads line 10  the original changed by" in text
    assert TRANSLATED.splitlines()[9] == "kubeadm init"
    assert "`init` became `init --upload-certs`" in text
    assert "the original has this caution more" in text


def test_the_same_in_markdown(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    _, text = _printed(capsys, "behind", "--markdown", checkout.page())
    assert "| misleads | 10 | the original changed by" in text


def test_what_a_translation_lacks_is_one_finding_of_drift(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = _drift(capsys, checkout)
    assert (status, text.count("  misleads "), text.count("2 commits behind")) == (1, 1, 1)


def test_a_translation_of_the_newest_revision_is_up_to_date(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.commit(THIRD.replace("Start the boat.", "Запустіть човен.").replace("Then wait for", "Чекайте"), "uk", 5)
    status, text = _printed(capsys, "behind", checkout.page())
    assert status == 0
    assert "is up to date" in text
    assert _drift(capsys, checkout)[0] == 0


def test_an_original_does_not_follow_its_translation(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    _, text = _printed(capsys, "drift", "--kubeadm", "none", checkout.page("uk"), checkout.page("en"))
    assert text.startswith("boats.md (en) against boats.md (uk)\n")


def test_other_words_of_the_original_are_a_remark(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.commit(THIRD.replace("Start the boat.", "Запустіть човен.").replace("Then wait for", "Чекайте"), "uk", 5)
    checkout.commit(TYPO, day=6)
    status, text = _printed(capsys, "behind", checkout.page())
    assert (status, "1 commit behind" in text, "remark   line 7" in text) == (0, True, True)


def test_a_slip_of_the_translation_is_found_beside_what_is_old(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.commit(TRANSLATED.replace("20", "30"), "uk", 5)
    status, text = _drift(capsys, checkout)
    assert (status, "says 30, and line" in text, text.count("  misleads ")) == (1, True, 2)


def test_a_change_that_was_translated_already_is_neither_a_slip_nor_missing(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.commit(TRANSLATED.replace("kubeadm init", "kubeadm init --upload-certs"), "uk", 5)
    _, text = _printed(capsys, "behind", checkout.page())
    assert "--upload-certs" not in text


def test_code_that_a_translation_never_had_did_not_change_for_it(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "\n## Row\n\n```sh\nboat row\n```\n"
    checkout.commit(FIRST + rows, day=5)
    checkout.commit(SECOND + rows.replace("row\n", "row --fast\n"), day=6)
    without = TRANSLATED.replace("```sh\nkubeadm init\n```\n\n", "")
    checkout.commit(without + rows.replace("Row", "Гребти"), "uk", 7)
    _, text = _printed(capsys, "behind", checkout.page())
    assert "the original has this command more: `kubeadm init --upload-certs`" in text
    assert "`row` became `row --fast`" in text
    assert "To translate: 2\n" in text


def test_code_that_is_older_than_the_rest_is_named(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    newest = THIRD.replace("Start the boat.", "Запустіть човен.").replace("Then wait for", "Чекайте")
    more = "\nSee `one`, `two`, `three` and `four`.\n"
    checkout.commit(THIRD + more, day=5)
    checkout.commit((newest + more).replace("See", "Див.").replace(" --upload-certs", ""), "uk", 6)
    _, text = _printed(capsys, "behind", checkout.page())
    assert "line 10  the newest original that has this is that of 2024-05-01" in text


def test_english_that_a_translation_keeps_decides_what_is_outdated(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    newest = THIRD.replace("Start the boat.", "<!--\nStart the boat.\n-->\nЗапустіть човен.")
    checkout.commit(newest, "uk", 5)
    checkout.commit(TYPO, day=6)
    _, text = _printed(capsys, "behind", checkout.page())
    assert "line 8  the original changed by" in text
    assert "`Start the` became `Start a`" in text
    assert "To translate: 1\n" in text


TOGETHER = "1. Pull the oars, and then stow all of them below:\n\n   ```sh\n   boat pull\n   boat stow\n   ```\n"
APART = (
    "1. Pull the oars:\n\n   ```sh\n   boat pull\n   ```\n\n"
    "1. Stow all of them below:\n\n   ```sh\n   boat stow\n   ```\n"
)
LATER = "\nSee `one`, `two`, `three` and `four`.\n\n"


@pytest.mark.parametrize(
    ("kept", "between", "missing"), [(TOGETHER, "", False), (APART, "", True), (TOGETHER, "## Весла\n\n", True)]
)
def test_a_step_is_not_missing_beside_english_of_before_it_was_one(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], kept: str, between: str, missing: bool
) -> None:
    heading = "## Oars\n\n" if between else ""
    checkout.commit(HEAD + heading + TOGETHER, day=5)
    checkout.commit(HEAD + LATER + heading + APART, day=6)
    english = kept.partition("\n")[0]
    translated = f"<!--\n{english}\n-->\n{between}1. Витягніть весла:\n{TOGETHER.partition(chr(10))[2]}"
    checkout.commit(HEAD + LATER.replace("See", "Див.") + translated, "uk", 7)
    _, text = _drift(capsys, checkout)
    assert ("is missing: `Stow all of them below:`" in text) is missing
    assert ("1 changed" in text) is (kept == TOGETHER)


@pytest.mark.parametrize(
    ("code", "status"),
    [("boat steer <куди> --at noon", 0), ("boat steer  <куди>  --at noon", 0), ("boat steer <куди> --at dawn", 1)],
)
def test_code_of_today_with_a_placeholder_in_other_words_is_up_to_date(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], code: str, status: int
) -> None:
    more = "\nSee `one`, `two`, `three` and `four`.\n"
    page = HEAD + more + "\n```sh\nboat steer <where> --at dawn\n```\n"
    checkout.commit(page, day=5)
    checkout.commit(page.replace("dawn", "noon").replace("`four`", "four"), day=6)
    translated = page.replace("boat steer <where> --at dawn", code).replace("See", "Див.")
    checkout.commit(translated, "uk", 7)
    assert "it follows the original of 2024-05-05" in _printed(capsys, "behind", checkout.page())[1]
    assert _printed(capsys, "behind", checkout.page())[0] == status


@pytest.mark.parametrize("page", ["content/en/boats.md", "content/uk/nothing.md"])
def test_a_page_without_an_original_is_refused(checkout: Checkout, page: str) -> None:
    assert main(["behind", f"{checkout.folder}@HEAD:{page}"]) == 2


def test_a_file_has_no_history(checkout: Checkout) -> None:
    assert main(["behind", str(checkout.folder / "content" / "uk" / "boats.md")]) == 2


def test_an_original_that_the_path_does_not_name_is_given(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.move()
    assert main(["behind", checkout.page()]) == 2
    status, _ = _printed(capsys, "behind", checkout.page(), "--original", checkout.page("en", "ships"))
    assert status == 1


def test_a_language_in_a_files_name_is_one() -> None:
    assert Place("r", "HEAD", "docs/boats.ja.md").original("ja").path == "docs/boats.en.md"
    with pytest.raises(BadInput):
        Place("r", "HEAD", "docs/boats.md").original("ja")


@pytest.mark.parametrize("verb", ["behind", "drift"])
def test_a_translation_is_read_once(checkout: Checkout, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    read: list[str] = []
    content = source._content

    def noted(spec: str) -> bytes:
        read.append(spec)
        return content(spec)

    monkeypatch.setattr(source, "_content", noted)
    pages = [checkout.page()] if verb == "behind" else ["--kubeadm", "none", checkout.page("en"), checkout.page()]
    main([verb, *pages])
    assert read.count(checkout.page()) == 1


IGNORED = "<!-- documentation: ignore behind: this harbour has no key -->"


def test_a_comment_has_a_line_that_is_behind_ignored(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.commit(SECOND, day=1)  # without the caution
    checkout.commit(TRANSLATED.replace("```sh", f"{IGNORED}\n```sh"), "uk", 5)
    named = "Ignored, as comments on the page have it: line 11 `behind` (this harbour has no key)."
    status, text = _printed(capsys, "behind", checkout.page())
    assert (status, "To translate: nothing" in text, named in text) == (0, True, True)
    assert named in _printed(capsys, "behind", "--markdown", checkout.page())[1]
    status, text = _drift(capsys, checkout)
    assert (status, named in text) == (0, True)


def test_a_comment_is_about_its_own_line_and_not_about_all(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.commit(TRANSLATED.replace("```sh", f"{IGNORED}\n```sh"), "uk", 5)
    status, text = _printed(capsys, "behind", checkout.page())
    assert (status, "To translate: 1\n" in text, "this caution more" in text) == (1, True, True)
    status, text = _drift(capsys, checkout)
    assert (status, "blocks that are not up to date: 1 new" in text) == (1, True)


def test_a_comment_without_a_reason_leaves_a_line_behind(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.commit(TRANSLATED.replace("```sh", "<!-- documentation: ignore behind -->\n```sh"), "uk", 5)
    status, text = _printed(capsys, "behind", checkout.page())
    assert (status, "Line 9 ignores `behind` without a reason: it counts." in text) == (1, True)
