"""Each folder here is one cloud, or one thing that runs on this machine. Twins have the same file names."""
