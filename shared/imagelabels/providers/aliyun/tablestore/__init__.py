"""This folder keeps the ledger and the search in Tablestore."""

import logging

# The SDK warns while it is imported that it works without its encoder in C++, which no user can change.
logging.getLogger("tablestore").setLevel(logging.ERROR)
