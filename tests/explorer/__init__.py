"""Explores the project's own use cases: every order of their calls, of a user's steps and of faults, in a small world.

The code under test depends on nothing but the results of its port calls. So a worker that has got some results is in
one certain state, and `replay.py` runs the real code on these results up to the calls that come next. `tree.py` keeps
what came of it, so that each sequence of results is run once. The world (`world.py`, `store.py`, `ledger.py`) is a
tuple that can be compared, and `search.py` visits each state of world and workers once, or a sample of them.
"""
