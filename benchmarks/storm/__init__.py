"""The storm: many clients, faults and kills against the deployed functions, and a judge who knows what clients did.

`make storm`, or `python -m benchmarks storm --help`. Nothing in this package imports imagelabels: what it says of the
product, it has read from the stores, the index and the emulator.
"""
