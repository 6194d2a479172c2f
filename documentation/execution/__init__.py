"""A page's own commands, run on the machines that it names; where they fail, the corrected ones."""
