"""The outcome of each claim: walks, scenarios, steps and drift rules of runs, brought together."""
