"""High availability on a bad day: faults under load, and whether what clients were promised holds all the while.

histories   what clients did and were answered, as records in a file, and whether all of it can be true
"""
