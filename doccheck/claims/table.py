"""The claims of a page as a table: text for a terminal, Markdown for an issue."""

from __future__ import annotations

from doccheck.claims.binding import Bindings, Bound, coverage

_HEAD = ("claim", "lines", "binding", "says", "decided by", "known to be wrong")


def text(bindings: Bindings) -> str:
    """One line a claim, with what has to be read again below it."""
    lines = [_title(bindings)]
    for each in bindings.bound:
        claim = each.claim
        decided = f"{len(claim.deciders)} deciders" if claim.deciders else f"untestable: {claim.untestable}"
        lines.append(f"{claim.id:4} {each.status:14} {_lines(each):16} {claim.says}  [{decided}]")
        lines += [f"{'':20}{each.why}"] if each.why else []
        lines += [f"{'':20}known: {_known(each, bindings)}"] if _known(each, bindings) else []
    lines += [f"     unbound        {block.line:<16} `{block.bare}`" for block in bindings.unbound]
    return "\n".join([*lines, "", coverage(bindings)]) + "\n"


def markdown(bindings: Bindings) -> str:
    """The same, fit to paste into an issue."""
    lines = [f"### {_title(bindings)}", "", f"| {' | '.join(_HEAD)} |", f"|{' --- |' * len(_HEAD)}"]
    for each in bindings.bound:
        claim = each.claim
        status = f"{each.status}: {each.why}" if each.why else str(each.status)
        decided = "<br>".join(claim.deciders) or f"untestable: {claim.untestable}"
        cells = (claim.id, _lines(each), status, claim.says, decided, _known(each, bindings))
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    for block in bindings.unbound:
        lines.append(f"| | {block.line} | unbound | `{' '.join(block.bare.split())}` | | |")
    return "\n".join([*lines, "", coverage(bindings)]) + "\n"


def _title(bindings: Bindings) -> str:
    edition = bindings.edition
    return f"{bindings.page.name} ({bindings.page.language}), read as {edition.page} ({edition.language})"


def _lines(bound: Bound) -> str:
    return ",".join(str(block.line) for block in bound.blocks[:3]) + ("…" if len(bound.blocks) > 3 else "")


def _known(bound: Bound, bindings: Bindings) -> str:
    claim = bound.claim
    against = f"says the opposite of {claim.against}" if claim.against else ""
    return "; ".join(filter(None, (claim.defect_in(bindings.page.language), against)))
