"""What a check leaves behind on a cluster that logs every request: nothing. `python -m tests.harmless CLUSTER`."""
