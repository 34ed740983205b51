"""Simple Message Queue: the queues that are destinations of functions."""
