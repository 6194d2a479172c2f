"""Pages of the documentation, checked: whether what they say is so.

pages        a page taken apart into blocks with ids
claims       what the pages claim, which blocks say it, what decides it
drift        rules about one page, and about two editions or languages of it
execution    a walk: a page's own commands on a cluster; a failed block is repaired in `fallback.py`, and nowhere else
verdicts     walks, scenarios and rules brought together: the outcome of each claim
"""
