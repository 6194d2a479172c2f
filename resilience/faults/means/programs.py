"""The load balancer's programs, which are units of systemd, or static pods: how they end, stop and start. Pure."""

from __future__ import annotations

from resilience.faults.means import manifests
from resilience.faults.scene import Scene, Shell


def proxy(scene: Scene) -> str:
    """The program that forwards."""
    return scene.cluster.balancer.programs[0]


def kill(scene: Scene, program: str) -> Shell:
    """SIGKILL of all of its processes."""
    if _is_pod(scene, program):
        return Shell(scene.machine, f"sudo pkill -KILL -x {program}")
    return Shell(scene.machine, f"sudo systemctl kill --signal=KILL {program}")


def restart(scene: Scene, program: str) -> Shell:
    """By systemd; or ended, so that the kubelet starts it."""
    if _is_pod(scene, program):
        return Shell(scene.machine, f"sudo pkill -TERM -x {program}")
    return Shell(scene.machine, f"sudo systemctl restart {program}")


def stop(scene: Scene, program: str) -> Shell:
    """It ends in its own way, and stays away."""
    if _is_pod(scene, program):
        here, away = manifests.of(program)
        return Shell(scene.machine, f"sudo mv {here} {away} && {manifests.ended(program)}")
    return Shell(scene.machine, f"sudo systemctl stop {program}")


def start(scene: Scene, program: str) -> Shell:
    """Started again where it was stopped, or where systemd does not start it by itself; nothing where it runs."""
    if _is_pod(scene, program):
        here, away = manifests.of(program)
        return Shell(scene.machine, f"sudo test ! -e {away} || sudo mv {away} {here}")
    return Shell(scene.machine, f"sudo systemctl reset-failed {program}; sudo systemctl start {program}")


def _is_pod(scene: Scene, program: str) -> bool:
    return program in scene.cluster.balancer.static_pods
