"""This package finds what would go wrong with a deployment, in its template or plan and on a live account."""
