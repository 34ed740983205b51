"""The routes of the API by topic. Each module has a `router`."""
