"""Lets the workers of a Dask cluster label the objects of a walk: https://distributed.dask.org."""
