"""A report as text, page, JSON, SARIF, JUnit and Prometheus' text: each a pure function of the report.

Texts of a cluster are hostile until they are written: each output escapes them for what reads it.
"""
