"""What became of each claim: lanes, scenarios, steps and drift rules of runs, brought together."""
