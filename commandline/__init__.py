"""What `./run` is typed with: its words, what each needs, and to whom it is handed over.

Runs on the host's own Python, before anything is installed: it imports the standard library, and from the other
packages only what does so, too (`settings_usage` apart). What the arguments behind a word mean is known by the package
that gets them.
"""
