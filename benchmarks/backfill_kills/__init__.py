"""A backfill that is killed again and again, and a judge who knows what is in the bucket.

`python -m benchmarks backfill_kills --help`. The judge imports nothing of imagelabels: what it says of the product, it
has read from the store, the index, the report and the emulator's list of calls.
"""
