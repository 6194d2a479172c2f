"""How well the checks of pages do, counted on reports and revisions of the website.

lists       what is counted on: the files of tests/documentation_cases that end in .tsv
checkout    texts of a checkout of the website
answers     what the product says of pages, kept, so that a count that was ended goes on where it was
reported    errors that people reported: whether `check` and `drift` find them, by signs that a person wrote down
revisions   edits that are honest, of words and of code: which are red
judged      findings at one revision, and what a reader judged them to be
defects     what is wrong at one revision, as a patch
table       all figures, each with how it was counted
"""
