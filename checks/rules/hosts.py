"""Hosts in URLs and in endpoints."""

from __future__ import annotations

from urllib.parse import urlsplit

from checks.facts.addresses import is_address


def host_of(server: str) -> str:
    """The host of `https://name:port`, `name:port`, `[address]:port` or of an address alone."""
    if is_address(server):
        return server
    return (urlsplit(server if "//" in server else f"//{server}").hostname or "").lower()


def verified_hosts(urls: str) -> list[str]:
    """The hosts of URLs with TLS, separated by commas; each once."""
    return list(dict.fromkeys(host_of(each) for each in urls.split(",") if each.startswith("https://")))
