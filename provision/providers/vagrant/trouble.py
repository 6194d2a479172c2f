"""What Vagrant says when something is wrong, and what fixes it. Pure."""

from __future__ import annotations

import re

from provision.util.errors import HostLacks, Problem

_KNOWN: tuple[tuple[str, str, str], ...] = (
    # what Vagrant or its provider prints, what that means, what to try
    (
        r"provider '?libvirt'? could not be found|The provider 'libvirt' that was requested",
        "Vagrant lacks its plugin for libvirt",
        "sudo apt-get install vagrant-libvirt, or: vagrant plugin install vagrant-libvirt",
    ),
    (
        r"Error while connecting to Libvirt|Call to virConnectOpen failed|Failed to connect socket to .*libvirt",
        "libvirt does not answer",
        "sudo systemctl start libvirtd, and be in the group libvirt",
    ),
    (
        r"VirtualBox.*(?:not detected|is not installed|could not be found)|VBoxManage.*(?:not found|not be found)"
        r"|The provider 'virtualbox' that was requested",
        "VirtualBox is not installed, or not where Vagrant looks",
        "install VirtualBox, or --ha-hypervisor libvirt",
    ),
    (
        r"VERR_VMX_NO_VMX|VERR_SVM_NO_SVM|VT-x is (?:not available|disabled)"
        r"|VERR_VM_DRIVER_NOT_(?:INSTALLED|ACCESSIBLE)",
        "VirtualBox cannot run a guest on this host",
        "switch virtualization on in the firmware, load the module vboxdrv, or --ha-hypervisor libvirt",
    ),
    (
        r"not within the\s+allowed ranges",
        "VirtualBox allows host-only networks only in 192.168.56.0/21",
        "--ha-addresses 192.168.56.0/21, or a line `* 198.18.0.0/15` in /etc/vbox/networks.conf",
    ),
    (
        r"[Bb]ox '[^']*' (?:could not be found|couldn't be found)|couldn't be accessed|URL: \[\"https?://",
        "the box is not here, and cannot be downloaded",
        "vagrant box add FILE --name NAME and --ha-box NAME, or --ha-box local",
    ),
    (
        r"another process is already\s+executing an action on the machine|currently being\s+read or modified",
        "another Vagrant is at work on the same machines",
        "wait for it, or end it: pgrep -af vagrant",
    ),
    (
        r"Timed out while waiting for the machine to\s+boot|communicator.*timed out",
        "a virtual machine did not come up",
        "read its console: virsh -c qemu:///system console DOMAIN; more --ha-memory, fewer machines",
    ),
    (
        r"Name `[^`]*` of domain about to create is already taken|already exists with uuid|VERR_ALREADY_EXISTS",
        "machines of the same names exist",
        "./run clean  # removes what ended runs left; ./run status names the rest",
    ),
    (
        r"internal error: Network is already in use|network .* (?:conflicts|collides)|Network .* is not available",
        "the addresses are in use on this host",
        "--ha-addresses with another range",
    ),
    (
        r"invalid argument: could not (?:find|get) .*[Kk][Vv][Mm]|KVM: permission denied"
        r"|kvm.*(?:not supported|unavailable)"
        r"|does not support virt type 'kvm'|failed to set MSR",
        "this host has no virtualization that runs a guest",
        "--ha-emulation yes, which is slow, or a host with KVM",
    ),
    (
        r"could not open [^\n]*: Permission denied|Cannot access storage file",
        "libvirt's qemu may not read a file of the virtual machines'",
        "let the user libvirt-qemu pass the folders on its way, or set `user = root` in /etc/libvirt/qemu.conf",
    ),
    (r"[Nn]o space left on device|not enough (?:free )?space", "the disk is full", "free some"),
    (
        r"[Cc]annot allocate memory|[Nn]ot enough memory|VERR_NO_MEMORY",
        "there is not enough memory",
        "a smaller --ha-memory, or fewer machines: --ha-workers 1",
    ),
    (
        r"failed to initialize at a very early stage|plugins failed to (?:initialize|load)",
        "Vagrant's plugins do not fit each other",
        "vagrant plugin repair, or: vagrant plugin expunge --reinstall",
    ),
)

_TRACE = re.compile(r"\s*(?:from )?/\S+\.rb:\d+:in ")


def problem(doing: str, output: str) -> Problem:
    """The error for people behind what Vagrant printed while `doing`; with its own last lines in any case."""
    answer = "\n".join(line for line in output.splitlines() if line.strip() and not _TRACE.match(line))[-1500:]
    for pattern, meaning, fix in _KNOWN:
        if re.search(pattern, output, re.S):
            return HostLacks(f"{doing}: {meaning}", answer=answer, fix=fix)
    return Problem(f"{doing}: vagrant failed", answer=answer, fix="vagrant's own words are above")
