"""A review of a change: all pages between two revisions of a site, each against what it has to agree with.

changes      which pages a change has, and on which lines
following    the revisions of originals that translations of a change follow
judging      one page of a change: what is new there, and wrong
known        findings that are accepted: by a file, or by comments on the page
review       all pages together, and the exit status
outputs      a review as text, Markdown, HTML, JSON, SARIF and annotations of GitHub
"""
