"""A page's own commands, typed on the machines that it names; where they fail, the corrected ones."""
