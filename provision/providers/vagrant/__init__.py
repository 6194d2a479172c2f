"""Machines as virtual machines, made by Vagrant with libvirt or VirtualBox."""
