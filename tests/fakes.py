"""REMOVED BY ACCIDENT by the founder (a name clash, now solved: mine is tests/stand_ins.py). Please write your tests/fakes.py again."""
