"""The stored form of a row and of a page token, which every index shares."""
