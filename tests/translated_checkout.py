"""A repository with three revisions of an English page, and its translation."""

from __future__ import annotations

import subprocess
from pathlib import Path

HEAD = "---\ntitle: Boats\n---\n\n## Start {#start}\n\n"
FIRST = HEAD + "Start the boat.\n\n```sh\nkubeadm init\n```\n\nThen wait for 20 minutes.\n"
SECOND = FIRST.replace("kubeadm init", "kubeadm init --upload-certs")
THIRD = SECOND + "\n{{< caution >}}\nKeep the key of `boatd` dry.\n{{< /caution >}}\n"
TYPO = THIRD.replace("Start the boat.", "Start a boat.")
TRANSLATED = FIRST.replace("Start the boat.", "Запустіть човен.").replace(
    "Then wait for 20 minutes", "Чекайте 20 хвилин"
)


class Checkout:
    """A repository with an English page and its translation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._git("init", "-q")

    def commit(self, text: str, language: str = "en", day: int = 1) -> None:
        """Write a page's next revision."""
        path = self.folder / "content" / language / "boats.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self._git("add", ".")
        self._git("commit", "-qm", f"{language} of day {day}", day=day)

    def move(self) -> None:
        """Move the English page here from where it was."""
        self._git("mv", "content/en/boats.md", "content/en/ships.md")
        self._git("commit", "-qm", "move", day=9)

    def move_in_a_partial_checkout(self, name: str) -> None:
        """Move the English page to another folder, change it, and lose a file that git compares it with."""
        other = self.folder / "content" / "en" / "other.md"
        other.write_text("of another page\n")
        self._git("add", ".")
        self._git("commit", "-qm", "another page", day=8)
        lost = subprocess.check_output(
            ["git", "-C", str(self.folder), "rev-parse", "HEAD:content/en/other.md"], text=True
        )
        other.unlink()
        (self.folder / "content" / "en" / "sub").mkdir()
        self._git("mv", "content/en/boats.md", f"content/en/sub/{name}.md")
        (self.folder / "content" / "en" / "sub" / f"{name}.md").write_text(f"{THIRD}\nMoved.\n")
        self._git("add", "-A")
        self._git("commit", "-qm", "move", day=9)
        (self.folder / ".git" / "objects" / lost[:2] / lost[2:].strip()).unlink()

    def page(self, language: str = "uk", name: str = "boats") -> str:
        """How a page is named on the command line."""
        return f"{self.folder}@HEAD:content/{language}/{name}.md"

    def _git(self, *arguments: str, day: int = 1) -> None:
        date = f"2024-05-{day:02}T12:00:00Z"
        subprocess.run(
            ["git", "-C", str(self.folder), "-c", "user.name=a", "-c", "user.email=a@b.test", *arguments],
            check=True, env={"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date, "PATH": "/usr/bin:/bin"},
        )  # fmt: skip


def translated_checkout(folder: Path) -> Checkout:
    """Three revisions of a page, and the translation of the first, which was made a day after the third."""
    made = Checkout(folder)
    for day, text in enumerate((FIRST, SECOND, THIRD), 1):
        made.commit(text, day=day)
    made.commit(TRANSLATED, "uk", 4)
    return made
