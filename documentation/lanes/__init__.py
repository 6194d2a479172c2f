"""The page's own commands on the machines that it names; where they fail, the corrected ones on the same cluster."""
