"""Translations compared with their originals without words of their language, on pages of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from documentation.drift import sentences, translated
from documentation.findings.rules import Finding, Weight
from documentation.language import learned
from documentation.language.words import Words
from documentation.pages import markdown, shell, source
from documentation.reports import report

CASES = Path(__file__).parent / "documentation_cases"


def _drift(old: str, new: str, language: str = "uk") -> list[Finding]:
    pages = markdown.parse(old, "page", "en"), markdown.parse(new, "page", language)
    return list(report.of_drift(*pages, None).differences)


def _rules(found: list[Finding]) -> list[tuple[str, Weight]]:
    return [(each.check, each.weight) for each in found]


def _code(text: str, info: str = "sh") -> str:
    return f"```{info}\n{text}\n```\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("drift-comment-no-need.old.md", "drift-comment-no-need.uk.md", []),
        ("drift-comment-unless.en.md", "drift-comment-unless.zh-cn.md", []),
        ("drift-path-slash.en.md", "drift-path-slash.zh-cn.md", [("mention", Weight.MISLEADS)]),
    ],
)
def test_reported_pages_are_compared_as_they_should_be(old: str, new: str, expected: list[tuple[str, Weight]]) -> None:
    found = report.of_drift(source.read(str(CASES / old)), source.read(str(CASES / new)), None)
    assert _rules(list(found.differences)) == expected, found.text()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_code("kubeadm join <address>"), _code("kubeadm join <адреса>")),
        (_code("name: <your name>", "yaml"), _code("name: <ваше ім'я>", "yaml")),
        (_code("kubeadm join <address>:<port> --token x"), _code("kubeadm join <адреса>:<порт> --token x")),
        (_code("boat --file path/to/oar"), _code("boat --file шлях/до/весла")),
        ("Run `kubeadm join --token <token>`.", "Виконайте `kubeadm join --token <ваш токен>`."),
        (_code('echo "the boat left"'), _code('echo "човен відплив"')),
        (_code("The boat at 10.0.0.7 left", "none"), _code("Човен 10.0.0.7 відплив", "none")),
        (_code("# the boat\ncp a b"), _code("# човен\ncp a b")),
    ],
)
def test_placeholders_printed_words_and_comments_may_be_translated(old: str, new: str) -> None:
    assert _drift(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (_code("kubeadm join <address> --token x"), _code("kubeadm join <адреса> --tokken x"), "command"),
        (_code("The boat at 10.0.0.7 left", "none"), _code("Човен 10.0.0.8 відплив, 10.0.0.9", "none"), "text"),
        ("Put it on `/etc/boat/oars`.", "Покладіть у `etc/boat/oars`.", "mention"),
        ("Set `oar-list`.", "Задайте `oar-lists`.", "mention"),
        ("Set `oar-list`.\n\nRead `oar-lost`.", "Задайте `oar-lost`.\n\nЧитайте `oar-lost`.", "mention"),
        (
            "Start `boatd`, `oarsd` later.\n\nStop `oarsd`.",
            "Спершу `boatd`, потім `oarsd`.\n\nСтоп `boatd`.",
            "mention",
        ),
        ("It takes 20 boats and a crew.", "Потрібно 30 човнів і команда.", "number"),
        ("Open it for TCP and wait.", "Відкрийте це для UDP і чекайте.", "name"),
    ],
)
def test_what_no_language_translates_is_compared(old: str, new: str, rule: str) -> None:
    assert rule in {each.check for each in _drift(old, new) if each.weight > Weight.REMARK}


@pytest.mark.parametrize(
    ("alone", "rules"),
    [
        ("Set up your boat for UDP and wait.", []),
        ("Wait.", ["name"]),
        ("Set up your boat for SCTP and wait.", ["name"]),
        ("UDP is what all that follows here is about, from the oars to the harbour and its lamps.", ["name"]),
    ],
)
def test_another_name_may_be_that_of_a_paragraph_without_counterpart(alone: str, rules: list[str]) -> None:
    [old, lost] = markdown.parse(f"Open it for TCP and then wait.\n\n{alone}", "page", "en").blocks
    [new] = markdown.parse("Відкрийте це для UDP і чекайте.", "page", "uk").blocks
    found = translated.changed([(old, new)], [lost], Words.of("en"), Words.of("uk"))
    assert [each.check for each in found] == rules


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('Write `<boat>` and `"x"`.', "Напишіть `<човен>` і `x`."),
        ("Stop `boatd`, or `boat stop`.", "Зупиніть `boat stop` чи `boatd`."),
        ("Two boats and 3 oars.", "2 човни і 3 весла."),
        ("Set `oar-list`.\n\nRead `oar-lists`.", "Задайте `oar-lists`.\n\nЧитайте `oar-lists`."),
        ("The API server waits.", "Сервер API чекає."),
        ("It was on 2 May 2021.", "Це було 02.05.2021."),
    ],
)
def test_what_is_only_written_otherwise_does_not_mislead(old: str, new: str) -> None:
    assert [each for each in _drift(old, new) if each.weight > Weight.REMARK] == []


def test_a_placeholder_in_any_letters_is_one_to_the_shell() -> None:
    script = shell.parse("kubectl uncordon <要腾空的节点> && kubeadm join <адреса>")
    assert not script.broken
    assert [command.words[-1] for command in script.commands] == ["<要腾空的节点>", "<адреса>"]


LONG = (
    "The harbour opens at dawn and closes at dusk. Boats that are late have to wait outside until the next morning. "
    "The keeper writes down which of them came and where they went. Every captain signs the book before leaving. "
    "A lamp shows where the entrance is when there is fog."
)
TRANSLATED = [
    "Гавань відкривається на світанку і закривається в сутінках.",
    "Човни, що спізнилися, мають чекати ззовні до наступного ранку.",
    "Доглядач записує, які з них прийшли і куди вони поїхали.",
    "Кожен капітан підписує книгу перед від'їздом.",
    "Ліхтар показує, де вхід, коли стоїть туман.",
]


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_sentence_that_a_translation_lacks_is_named(lost: int) -> None:
    theirs = " ".join(TRANSLATED), " ".join(each for number, each in enumerate(TRANSLATED) if number != lost)
    [finding] = _drift(f"{LONG}\n\n{LONG}\n\n{LONG}", f"{theirs[0]}\n\n{theirs[0]}\n\n{theirs[1]}")
    assert (finding.check, finding.weight) == ("sentence", Weight.MISLEADS)
    assert "has 4 sentences where line 5 of the other page has 5" in finding.what


def test_a_lost_sentence_is_known_by_its_names() -> None:
    old = (
        "Start the boat and wait for the crew. Then `boatd` reads `/etc/boat` again. After that you can leave the port."
    )
    new = "Запустіть човен і чекайте на команду. Після цього ви можете залишити порт."
    found = _drift(f"{LONG}\n\n{LONG}\n\n{old}", f"{' '.join(TRANSLATED)}\n\n{' '.join(TRANSLATED)}\n\n{new}")
    [finding] = [each for each in found if each.check == "sentence"]
    assert "by its length and names `Then `boatd` reads" in finding.what


@pytest.mark.parametrize("joined", [0, 1, 2, 3])
def test_two_sentences_that_became_one_are_not_missed(joined: int) -> None:
    one, other = TRANSLATED[joined : joined + 2]
    text = [*TRANSLATED[:joined], f"{one.rstrip('.')}, а {other[:1].lower()}{other[1:]}", *TRANSLATED[joined + 2 :]]
    assert _drift(LONG, " ".join(text)) == []


def test_a_paragraph_that_is_half_as_long_is_remarked_on() -> None:
    other = "\n\n".join(f"{one}\n" for one in sentences.split(LONG))
    theirs = "\n\n".join(TRANSLATED)
    long = (
        "A boat that is tied up at the pier has to have lamps, a bell, an anchor and a crew that is awake at all hours."
    )
    found = _drift(f"{other}\n{long}\n", f"{theirs}\n\nЧовен має мати ліхтарі.\n")
    assert _rules(found) == [("sentence", Weight.REMARK)]


NEGATED = [
    ("Do not open gate %d.", "Не відкривайте ворота %d."),
    ("The boat does not wait for %d.", "Човен не чекає %d."),
]
PLAIN = [("Open gate %d.", "Відкрийте ворота %d."), ("The boat waits for %d.", "Човен чекає %d.")]


def _page(*pairs: tuple[str, str]) -> tuple[str, str]:
    filled = [(old % number, new % number) for number, (old, new) in enumerate([*(NEGATED + PLAIN) * 3, *pairs], 11)]
    return "\n\n".join(old for old, _ in filled), "\n\n".join(new for _, new in filled)


def test_how_a_language_negates_is_learned_from_the_page() -> None:
    [finding] = _drift(*_page(("Do not feed the gulls at %d.", "Годуйте чайок о %d.")))
    assert (finding.check, finding.weight) == ("negation", Weight.REMARK)
    assert "may lack the negation" in finding.what


def test_a_negation_that_the_original_has_not_is_found_with_what_was_learned() -> None:
    [finding] = _drift(*_page(("Feed the gulls at %d.", "Не годуйте чайок о %d.")))
    assert "may say no" in finding.what


@pytest.mark.parametrize(
    "pair",
    [
        ("Gulls are not rare, at %d.", "Чайки не рідкісні, о %d."),
        ("Not only gulls come at %d.", "Приходять чайки та інші о %d."),
        ("Without gulls it is %d.", "Якщо чайок не буде, то %d."),
    ],
)
def test_sentences_that_negate_as_their_originals_do_are_quiet(pair: tuple[str, str]) -> None:
    assert _drift(*_page(pair)) == []


def test_the_opposite_is_found_by_words_that_are_learned_for_both() -> None:
    often = [("Wash it before %d.", "Помийте до %d."), ("Dry it after %d.", "Висушіть після %d.")] * 4
    assert list(learned.swapped([*often, ("Eat before %d.", "Їжте до %d.")])) == []
    [found] = learned.swapped([*often, ("Eat before %d.", "Їжте після %d.")])
    assert (found.number, found.wanted, found.says) == (8, "before", "after")


def test_little_is_not_learned_from() -> None:
    assert learned.judged([("Не треба", True), ("Треба", False)]) == [None, None]


def test_a_modality_of_another_language_is_a_remark() -> None:
    [finding] = _drift("The key must be kept.", "鍵は保管できます。", "ja")
    assert (finding.check, finding.weight) == ("modality", Weight.REMARK)


def test_a_comment_that_a_translation_lacks_misleads_in_any_language() -> None:
    [finding] = _drift(_code("# Skip the next line\ncp a b\ncp c d"), _code("cp a b\ncp c d"))
    assert (finding.check, finding.weight) == ("comment", Weight.MISLEADS)


def test_english_that_is_kept_in_comments_has_the_translations_own_lines() -> None:
    text = f"<!-- overview -->\n\n<!--\nThe boat is new.\n-->\nЧовен новий.\n\n{_code('# <!-- not this one -->')}"
    [kept] = markdown.parse(text, "page", "uk").kept
    assert (kept.line, kept.text) == (4, "The boat is new.")


def test_a_paragraph_whose_kept_english_is_not_todays_is_named() -> None:
    old = "The boat is new and has four oars.\n\nIt sails on Mondays and Fridays.\n"
    kept = "<!--\nThe boat is old and has two oars.\n-->\nЧовен старий і має два весла.\n"
    new = f"{kept}\n<!--\nIt sails on Mondays\nand Fridays.\n-->\nВін плаває по понеділках і п'ятницях.\n"
    [finding] = [each for each in _drift(old, new) if each.check == "outdated"]
    assert (finding.line, finding.weight) == (2, Weight.MISLEADS)
