"""Seconds, as people read them."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Seconds as people say them: `0.04 s`, `9.8 s`, `42 s`, `1 min 12 s`, `2 h 5 min`."""
    if seconds < 0.095:
        return f"{max(seconds, 0):.2f} s"
    if seconds < 9.5:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    parts = ((minutes, "min"), (rest, "s")) if minutes < 60 else ((minutes // 60, "h"), (minutes % 60, "min"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
