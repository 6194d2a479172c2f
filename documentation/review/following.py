"""The revisions of originals that the translations of a change follow, before it and after it."""

from __future__ import annotations

import datetime

from documentation.pages.block import Page
from documentation.review.changes import Range
from documentation.site.place import Site
from documentation.translations import history
from documentation.translations.fitting import Followed, follow
from documentation.translations.history import Revision

_DIGITS = 10  # of a tree's hash: what is in no commit yet is named by it


class Following:
    """Finds them. `before` and `after` are the site on both sides of the change."""

    def __init__(self, between: Range, before: Site, after: Site) -> None:
        self._between, self._before, self._after = between, before, after
        self._known: dict[str, tuple[Revision, ...]] = {}

    def now(self, translation: Page, path: str, original: str) -> Followed | None:
        """What a translation follows after the change; none where the original has no text."""
        return self._follow(translation, self._between.after, path, self._after_it(original))

    def then(self, translation: Page, path: str, original: str, later: str) -> Followed | None:
        """What it followed before; `later` is the original after the change, since it may have had none before."""
        revisions = self._before_it(original) if self._before.tree.text(original) else self._after_it(later)
        return self._follow(translation, self._between.before, path, revisions)

    def _follow(self, page: Page, revision: str, path: str, revisions: tuple[Revision, ...]) -> Followed | None:
        return follow(page.source, revisions, history.last_day(self._place(revision, path)))

    def _before_it(self, path: str) -> tuple[Revision, ...]:
        if self._before.tree.text(path) == self._after.tree.text(path):
            return self._after_it(path)
        return self._revisions(self._between.before, path, self._before)

    def _after_it(self, path: str) -> tuple[Revision, ...]:
        if path not in self._known:
            self._known[path] = self._revisions(self._between.after, path, self._after)
        return self._known[path]

    def _revisions(self, revision: str, path: str, site: Site) -> tuple[Revision, ...]:
        """All revisions. A tree has those before the change, and its own text, which is in no commit yet."""
        known = history.revisions(self._place(revision, path))
        known = known or history.revisions(self._place(self._between.before, path))
        text = (site.tree.text(path) or "").removeprefix("\ufeff")
        if text and (not known or known[0].text != text):
            today = datetime.datetime.now(datetime.UTC).date().isoformat()
            return (Revision(revision[:_DIGITS], today, "", text), *known)
        return tuple(known)

    def _place(self, revision: str, path: str) -> history.Place:
        return history.Place(self._between.repository, revision, path)
