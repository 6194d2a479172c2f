"""A cluster's life as one page: what happened on which machine, on one axis of time. Its rooms, from the page down:

addresses   where a life is, and where in it a failure
page        draws `life-<cluster>.html` from a run directory
chart       all that is known, put together: bands by machine, changes, what is not known (gaps)
drawn       bars, bands and changes, and how many of them there is room for
records     what the harness itself wrote down: steps, tests, faults, requests to the API
samples     states that were read once a second while a fault was tried
machines    what machines hold, as they were read at the end: sections, clocks, and a reader for each source:
            containers, etcd, balancer, nodes
states      from moments to intervals: what had which state, since when and until when
"""
