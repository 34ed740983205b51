"""Function Compute: how it runs a function, and its OSS trigger."""
