"""Pages taken apart into blocks: every trap that Hugo's Markdown sets, on pages of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from documentation.pages import code, markdown, plain, source
from documentation.pages.block import Block, Kind, Page

PAGES = Path(__file__).parent / "pages"


@pytest.fixture(scope="module")
def page() -> Page:
    return source.read(str(PAGES / "traps.en.md"))


def _block(page: Page, name: str) -> Block:
    return next(block for block in page.blocks if block.id == name)


def test_front_matter_is_not_a_block(page: Page) -> None:
    assert (page.title, page.language, page.blocks[0].line) == ("Growing a cluster of pear trees", "en", 9)


def test_every_block_has_an_id_of_its_own(page: Page) -> None:
    assert len({block.id for block in page.blocks}) == len(page.blocks)


def test_a_page_whose_shortcodes_match_has_nothing_unclear(page: Page) -> None:
    assert page.unclear == ()


def test_the_line_of_a_block_is_where_it_begins(page: Page) -> None:
    lines = (PAGES / "traps.en.md").read_text().splitlines()
    wrong = [
        block.id
        for block in page.blocks
        if block.text.split("\n")[0].split()[0].strip("`") not in lines[block.line - 1] and "gardener" not in block.text
    ]
    assert wrong == []


def test_headings_have_hugos_anchors(page: Page) -> None:
    assert [block.section for block in page.of_kind(Kind.HEADING)] == [
        "prerequisites",
        "first-trees",
        "first-trees-1",
        "pruning",
    ]


def test_a_headings_shortcode_is_the_same_section_in_every_language(page: Page) -> None:
    assert {"prerequisites", "before-you-begin"} <= page.anchors


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Set up `kubeadm`, then go!", "set-up-kubeadm-then-go"),
        ("証明書の手動配布", "証明書の手動配布"),
        ("kube-apiserver用に作成", "kube-apiserver用に作成"),
    ],
)
def test_slugs_keep_letters_of_any_script(heading: str, anchor: str) -> None:
    assert markdown.slug(heading) == anchor


def test_shortcodes_in_sentences_are_what_readers_see(page: Page) -> None:
    assert _block(page, "top/prose-1").text.startswith("Pears need a gardener and `kubeadm`.")


def test_comments_of_writers_are_not_part_of_the_page(page: Page) -> None:
    assert not any("reviewers" in block.text or "not an item" in block.text for block in page.blocks)


def test_tabs_after_a_list_are_not_part_of_it(page: Page) -> None:
    tabs = {block.text: block.within for block in page.blocks if block.section == "prerequisites"}
    assert (tabs["a tall one"], tabs["many trees, and `sudo apt-get install -y pears` on each"]) == (
        ("Small",),
        ("Large",),
    )


@pytest.mark.parametrize(
    ("name", "text", "steps"),
    [
        ("top/caution-1", "Pears fall.", ()),
        ("first-trees/note-1", "One line only, with [a link](/docs/pears/#ripe).", (1,)),
        ("first-trees/note-2", "Do not drown it.", (2,)),
    ],
)
def test_an_admonition_belongs_to_the_list_item_around_it(
    page: Page, name: str, text: str, steps: tuple[int, ...]
) -> None:
    assert (_block(page, name).text, _block(page, name).steps) == (text, steps)


def test_an_admonition_at_the_margin_does_not_swallow_the_steps_commands(page: Page) -> None:
    assert (_block(page, "first-trees/command-2").text, _block(page, "first-trees/command-2").steps) == (
        "eval $(ssh-agent)",
        (2,),
    )


def test_a_block_of_sudo_alone_is_a_command(page: Page) -> None:
    assert _block(page, "first-trees/command-3").text == "sudo -E -s"


def test_indented_code_in_a_list_is_a_configuration(page: Page) -> None:
    block = _block(page, "first-trees/config-1")
    assert (block.text.splitlines()[0], len(block.comments)) == ("apiVersion: kubeadm.k8s.io/v1beta4", 1)


def test_what_follows_three_dots_is_output(page: Page) -> None:
    output = _block(page, "first-trees/output-1")
    assert output.text.splitlines()[-1] == "Eat them."


@pytest.mark.parametrize(
    ("name", "text", "prompt"),
    [
        ("first-trees-1/command-1", "kubectl get pods \\\n    -n kube-system", "$"),
        ("first-trees-1/command-2", "HOST=${HOST1}\nscp -r /tmp/${HOST}/* ${USER}@${HOST}:", ""),
        ("first-trees-1/command-3", "sudo -Es", "USER@HOST"),
        ("first-trees-1/command-4", "mv pki /etc/kubernetes/", "root@HOST"),
        ("first-trees-1/output-1", "NAME   READY\npear   1/1", ""),
        ("first-trees-1/output-2", "error: the pears are not ripe", ""),
    ],
)
def test_a_transcript_is_taken_apart_into_commands_and_output(page: Page, name: str, text: str, prompt: str) -> None:
    assert (_block(page, name).text, _block(page, name).prompt) == (text, prompt)


def test_a_drawn_tree_is_a_block_of_files(page: Page) -> None:
    assert [block.text.splitlines()[0] for block in page.of_kind(Kind.FILES)] == ["$HOME"]


def test_comments_in_code_are_kept_with_the_line_that_they_are_about(page: Page) -> None:
    assert [(comment.text, comment.about) for comment in _block(page, "first-trees-1/command-5").comments] == [
        ("# Skip the next line in winter", "cat << EOF > /tmp/pears.yaml"),
        ("# a comment in the file", "ripe: true"),
        ("# Only in summer", 'water "$tree"'),
    ]


def test_a_changed_comment_changes_the_comments_hash_alone(page: Page) -> None:
    text = (PAGES / "traps.en.md").read_text().replace("Only in summer", "Not in summer")
    changed = _block(markdown.parse(text), "first-trees-1/command-5")
    before = _block(page, "first-trees-1/command-5")
    assert (changed.hash == before.hash, changed.comment_hash == before.comment_hash) == (True, False)


def test_a_changed_word_changes_the_blocks_hash(page: Page) -> None:
    text = (PAGES / "traps.en.md").read_text().replace('water "$tree"', 'drown "$tree"')
    assert _block(markdown.parse(text), "first-trees-1/command-5").hash != _block(page, "first-trees-1/command-5").hash


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        ("{{< note >}}\na\n\n{{< note >}}\nb\n{{< /note >}}\n", ["note is opened and never closed"]),
        ("a\n\n{{< /note >}}\n", ["line 3: note is closed and was not opened"]),
        ("{{< tab >}}\n{{< note >}}\na\n{{< /tab >}}\n{{< /note >}}\n", None),
    ],
)
def test_shortcodes_that_do_not_match_are_reported(text: str, unclear: list[str] | None) -> None:
    found = list(markdown.parse(text).unclear)
    assert (found == unclear) if unclear else len(found) == 2


def test_a_broken_front_matter_costs_the_title_alone() -> None:
    page = markdown.parse("---\ntitle: [a\n---\n\n# Pears\n")
    assert (page.title, len(page.blocks)) == ("", 1)


def test_commands_in_sentences_are_blocks_of_their_own(page: Page) -> None:
    assert [(block.id, block.text) for block in page.commands if block.inline] == [
        ("prerequisites/command-1", "sudo apt-get install -y pears"),
        ("pruning/command-1", "sudo kubeadm reset --force"),
    ]


@pytest.mark.parametrize("span", ["kubeadm init", "--config", "kubeadm config images list/pull", "user@host", "${X}"])
def test_a_code_span_that_only_names_something_is_not_a_command(span: str) -> None:
    assert not code.looks_like_command(span)


def test_the_targets_of_links_are_kept(page: Page) -> None:
    assert [link for block in page.blocks for link in block.links] == ["#pruning", "/docs/pears/#ripe"]


PLAIN = """Pear trees

Pears need a gardener and kubeadmkubelet.

Before you begin

  • one tree
Note: Do not drown it.
  1. Plant:

    sudo kubeadm init --upload-certs # 環境
    \n    • It bears more:
    kubeadm certs certificate-key

    apiVersion: v1
    list:
    - https://TREE_IP:1

    ...
    Pears are ripe.

    Eat them.
    • Then go.
"""


def test_plain_text_is_taken_apart_into_blocks() -> None:
    page = plain.parse(PLAIN)
    assert [(block.id, block.line) for block in page.blocks if block.kind is not Kind.PROSE] == [
        ("before-you-begin/heading-1", 5),
        ("before-you-begin/note-1", 8),
        ("before-you-begin/command-1", 11),
        ("before-you-begin/command-2", 14),
        ("before-you-begin/config-1", 16),
        ("before-you-begin/output-1", 20),
    ]


STEP = "1.  Write a file:\n\n{{< note >}}\nMind the **gap**.\n{{< /note >}}\n\n%s\n\n1.  Wait.\n"


@pytest.mark.parametrize("below", ["        apiVersion: v1\n        kind: Bed", "    ```yaml\n    kind: Bed\n    ```"])
def test_a_note_at_the_margin_stands_in_its_step_and_outside_of_the_code_below_it(below: str) -> None:
    blocks = markdown.parse(STEP % below).blocks
    assert [(each.kind, each.steps) for each in blocks] == [
        (Kind.PROSE, (1,)), (Kind.NOTE, (1,)), (Kind.CONFIG, (1,)), (Kind.PROSE, (2,)),
    ]  # fmt: skip


def test_a_note_that_is_part_of_an_indented_sample_stays_in_it() -> None:
    text = "1.  Write a file:\n\n        {{< note >}}\n        kind: Bed\n        {{< /note >}}\n"
    assert [each.kind for each in markdown.parse(text).blocks][1:] != [Kind.NOTE]


def test_an_object_below_a_command_is_what_it_printed() -> None:
    found = code.parts("kubectl get bed -o yaml | tee bed.yaml\napiVersion: v1\nkind: Bed\n", "shell")
    assert [(each.kind, each.line) for each in found] == [(Kind.COMMAND, 0), (Kind.OUTPUT, 1)]


def test_an_object_in_a_here_document_is_part_of_its_command() -> None:
    found = code.parts("cat <<EOF > bed.yaml\napiVersion: v1\nkind: Bed\nEOF\n", "shell")
    assert [each.kind for each in found] == [Kind.COMMAND]
