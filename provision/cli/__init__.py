"""The command line: verbs, the doctor, plans, and the benchmark."""
