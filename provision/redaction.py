"""Keeps secrets out of everything that is written down: logs, reports, evidence, error messages. Pure."""

from __future__ import annotations

import base64
import re

_MARK = "‹secret›"
_PEM_KEY = r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
# A base64 line that decodes to a private key starts with one of these, whatever the key's type.
_ENCODED_KEY = "|".join(
    re.escape(base64.b64encode(f"-----BEGIN {kind}PRIVATE KEY-----".encode()).decode()[:28])
    for kind in ("", "RSA ", "EC ", "OPENSSH ")
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(_PEM_KEY + r".*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S), _MARK),
    (re.compile(rf"(?:{_ENCODED_KEY})[A-Za-z0-9+/=]*"), _MARK),
    # bootstrap tokens: https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
    (re.compile(r"\b([a-z0-9]{6})\.[a-z0-9]{16}\b"), rf"\1.{_MARK}"),
    (re.compile(r"((?:--)?certificate[- ]?key[\"']?[=:\s]+[\"']?)[0-9a-fA-F]{64}", re.I), rf"\1{_MARK}"),
    (
        re.compile(
            r"((?:client-key-data|client-certificate-data|token-secret|token)[\"']?:\s*[\"']?)[A-Za-z0-9+/=_.-]{12,}"
        ),
        rf"\1{_MARK}",
    ),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+"), _MARK),
)


class Redactor:
    """Replaces what looks like a secret, and every exact secret it has been told of, by a mark.

    One per cluster; `learn` is safe to call from several threads.
    """

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()

    def learn(self, *secrets: str) -> None:
        """Remember exact secrets, for where no pattern would find them. Strings below 16 characters are ignored."""
        self._known |= {secret for secret in secrets if len(secret) >= 16}

    def __call__(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, _MARK)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text
