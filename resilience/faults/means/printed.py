"""What kubeadm printed, in one line. Pure."""

from __future__ import annotations


def why(answer: str) -> str:
    """What it refused."""
    lines = [each.strip() for each in answer.splitlines() if each.strip()]
    errors = [each for each in lines if "[ERROR" in each or each.startswith("error:")]
    return "; ".join(errors or lines[-1:]) or "it failed and printed nothing"


def warnings(printed: str) -> str:
    """What it warned of; "" where there is nothing."""
    lines = [each for each in printed.splitlines() if each.startswith("W") or "[WARNING" in each]
    return "; ".join(each.partition("] ")[2] if each.startswith("W") else each.strip() for each in lines)
