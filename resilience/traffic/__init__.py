"""Clients that write and read a few objects all the while, and record what they were answered.

Each request is sent once, by raw HTTPS, and nothing here tries it again.
"""
