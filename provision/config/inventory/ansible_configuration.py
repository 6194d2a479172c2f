"""What Ansible's own configuration says of logins: environment and ansible.cfg, in the places where Ansible looks."""

from __future__ import annotations

import configparser
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from provision.config.inventory.files import is_file
from provision.config.inventory.ssh_arguments import from_folder

_SETTINGS = {
    "ansible_user": ("defaults", "remote_user"),
    "ansible_private_key_file": ("defaults", "private_key_file"),
    "ansible_port": ("defaults", "remote_port"),
    "ansible_ssh_args": ("ssh_connection", "ssh_args"),
    "ansible_ssh_common_args": ("ssh_connection", "ssh_common_args"),
    "ansible_ssh_extra_args": ("ssh_connection", "ssh_extra_args"),
}
"""The variables of a host that win over settings → section and key of these; in the environment, in capitals."""


class Configured(str):
    """A value of the configuration, with the folder from which relative files in it are named."""

    folder: Path

    @classmethod
    def of(cls, text: str, folder: Path) -> Configured:
        value = cls(text)
        value.folder = folder
        return value


def variables(folder: Path) -> tuple[Mapping[str, Configured], str]:
    """What the configuration says, as variables of hosts, and the file that says it; empty where none does.

    Beside Ansible's places, the folders above the inventory's are searched: Ansible is started in one of them.
    Files are named from the folder of what says them, and in the environment from the working directory.
    https://docs.ansible.com/ansible/latest/reference_appendices/config.html
    """
    file = next((each for each in _places(folder.absolute()) if is_file(each) and not _is_anybodys(each)), None)
    found = dict(_in_file(file)) if file else {}
    found |= dict(_in_environment())
    return found, str(file) if file and found else ""


def _places(folder: Path) -> Iterator[Path]:
    if named := os.environ.get("ANSIBLE_CONFIG"):
        path = Path(named).expanduser()
        yield path / "ansible.cfg" if path.is_dir() else path
    for each in (Path.cwd(), folder, *folder.parents):
        yield each / "ansible.cfg"
    yield Path("~/.ansible.cfg").expanduser()
    yield Path("/etc/ansible/ansible.cfg")


def _is_anybodys(file: Path) -> bool:
    """Whether it is in a folder in which anybody may write: Ansible does not take it from there, either."""
    return bool(file.parent.stat().st_mode & stat.S_IWOTH)


def _in_file(file: Path) -> Iterator[tuple[str, Configured]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(file.read_text())
    except (OSError, UnicodeDecodeError, configparser.Error):
        return  # ansible-inventory says so itself
    for variable, (section, key) in _SETTINGS.items():
        if value := parser.get(section, key, fallback="").strip():
            yield variable, _value(key, value, file.parent)


def _in_environment() -> Iterator[tuple[str, Configured]]:
    for variable, (_, key) in _SETTINGS.items():
        if value := os.environ.get(f"ANSIBLE_{key.upper()}"):
            yield variable, _value(key, value, Path.cwd())


def _value(key: str, text: str, folder: Path) -> Configured:
    return Configured.of(from_folder(folder, text) if key == "private_key_file" else text, folder.absolute())
