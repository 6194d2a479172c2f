"""The ways through the pages, as the harness names them: known here, so that reading arguments loads no cluster."""

TOPOLOGIES = ("external", "stacked")
CERTIFICATES = ("uploaded", "manual")
"""How the certificates that control planes share get to them; the first is what is walked unless chosen otherwise."""
