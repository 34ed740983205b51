"""The page: what people see of their pictures in a browser. The server renders each view, which needs no script."""
