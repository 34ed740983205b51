"""One module per command; the folder is listed to find them."""
