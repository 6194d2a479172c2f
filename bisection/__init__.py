"""Which commit of a checkout of Kubernetes brought a failure: a cluster for each commit that git bisect wants tried.

`git` is the commits, `outcome` what a run found red, `judging` what that says of a commit, `trials` tries one and keeps
what came out, `searching` goes from one to the next.
"""
