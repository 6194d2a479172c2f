"""Hosts in URLs and in endpoints."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def host_of(server: str) -> str:
    """The host of `https://name:port`, `name:port`, `[address]:port` or of an address alone."""
    if is_address(server):
        return server
    return urlsplit(server if "//" in server else f"//{server}").hostname or ""


def is_address(host: str) -> bool:
    """Whether it is an address, not a name."""
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def verified_hosts(urls: str) -> list[str]:
    """The hosts of URLs with TLS, separated by commas; each once."""
    return list(dict.fromkeys(host_of(each) for each in urls.split(",") if each.startswith("https://")))
