"""A review for people and for machines: text, Markdown, HTML, JSON, SARIF, annotations of GitHub."""
