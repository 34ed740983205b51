"""Function Compute on one machine: processes that run the function, its trigger and its asynchronous queue."""

REGION = "cn-hangzhou"
"""Where the store and the function are said to stand; signatures of version 4 name it."""
