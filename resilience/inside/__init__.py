"""What happens inside of a cluster while clients go on: states of its parts as intervals, and what machines logged.

Read once a second by one connection to each machine, so that it does not disturb what is measured.
"""
