"""Functions on one machine, whatever the cloud: the processes that run them, and their asynchronous queues."""
