"""This folder has what the object stores of all vendors have in common.

A dialect is a table of what differs between them.
"""
