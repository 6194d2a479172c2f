"""What a kubeadm cluster survives, and what is wrong with it: facts are collected once, and rules judge them.

cli       `./run check`: what is typed, and the exit status
outcome, baseline, comparing  the exit status; findings that are accepted; what changed since another report
outputs   findings as text, page, JSON, SARIF, JUnit and Prometheus' text; each is a pure function of a report
judging   facts to a report: every rule with every subject, causes before consequences, what the cluster survives
rules     pure functions of facts, a module for each kind, found by themselves
collecting  facts from the API, over SSH and from the outside, in parallel; all of it read-only
findings  what a rule yields, and what a report is: data
facts     what was collected, each fact with how it was read or why not: data, and a bundle of it as a file

A room imports from those below it. pytest is unknown here: `fixtures/check/` shows each verdict as a test.
"""
