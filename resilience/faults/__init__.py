"""Faults as data: what is done to a cluster under traffic, how it is undone, what proves it, and what must hold.

fault, scene         what a fault is, and the cluster that it is done in
kinds, catalogue     all of them, by their kinds; those that ./run tests tries
means                what they are made of: places, what is typed on machines, proofs
running, judging     one fault under traffic, from a healthy cluster to a verdict; outcome has all of it as data
control, undoing     the same traffic without a fault; and what is undone whatever happens
mixing, at_once      turns that a seed draws, some of two faults
"""
