"""This package describes the checks of a template and of a plan: what is wrong, what follows from it, what to do."""
