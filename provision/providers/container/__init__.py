"""Machines as containers of podman or docker, with systemd in them."""
