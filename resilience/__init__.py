"""High availability on a bad day: faults under load, and whether what clients were promised holds all the while.

traffic       clients that write and read all the while, by every way to the API, and record what they are answered
availability  from these records: what each way lost, its longest gap, and when it served again
faults        what is done to a cluster, how it is undone, what proves it, and how long anything may be gone
figures       what faults did in all runs that were kept, and the table of these
histories     what clients did and were answered, as records in a file, and whether all of it can be true
"""
