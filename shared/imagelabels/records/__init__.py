"""This package has the stored form of rows and of page tokens, which all indexes share."""
