"""Function Compute on one machine: how it runs a function, and its OSS trigger."""

REGION = "cn-hangzhou"
"""Where the store and the function are said to stand; signatures of version 4 name it."""
