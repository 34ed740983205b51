"""One file per figure that the README quotes. `make bench` runs them all."""
