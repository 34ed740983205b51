"""The benchmarks measure the figures that the README quotes. `make bench` runs them all."""
