"""What the pages say of faults, in words. Pure."""

from __future__ import annotations

from nightly.beside import Comparison
from nightly.faults import Interval, Spread
from nightly.store import Data


def seconds(figure: float | None) -> str:
    """A figure; a dash where there is none."""
    return "–" if figure is None else f"{figure:.1f} s"


def spread(found: Spread | None) -> str:
    """The middle of a figure over the nights, and the worst of it."""
    return f"p50 {found.middle:.1f} s, worst {found.worst:.1f} s" if found else "–"


def span(interval: Interval) -> str:
    """Since when and until when."""
    return f"{seconds(interval.since)} to {seconds(interval.until)}"


def lost(figures: Data) -> str:
    """How many requests of how many were lost, and by how."""
    kinds = ", ".join(f"{count} × {kind}" for kind, count in figures["lost"].items())
    return f"{sum(figures['lost'].values())} of {figures['requests']}" + (f": {kinds}" if kinds else "")


def writes(figures: Data) -> str:
    """Writes that were acknowledged, how many of these were found in the end, and those without an answer."""
    return f"{figures['acknowledged']} acknowledged, {figures['found']} found, {figures['unknown']} unknown"


def anchor(found: Comparison) -> str:
    """Where a red fault is on the page of faults."""
    return f"{found.cell.fault}-on-{found.cell.view.id}"
