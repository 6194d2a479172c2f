"""Stub."""
import json
from provision.journal import as_json
class JsonLines:
    def __init__(self, path): self.path = path
    def step_started(self, s): pass
    def step_finished(self, s): self._w(s)
    def command_finished(self, c): self._w(c)
    def _w(self, r):
        with open(self.path, "a") as f: f.write(json.dumps(as_json(r)) + "\n")
class Console:
    def __init__(self, write): self.write = write
    def step_started(self, s): self.write(f"{s.cluster} > {s.name}")
    def step_finished(self, s): self.write(f"{s.cluster} {'x' if s.error else '.'} {s.name} {s.seconds:.1f} s {s.error[:500]}")
    def command_finished(self, c): pass
