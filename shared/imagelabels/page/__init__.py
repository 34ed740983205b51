"""The page: what people see of their pictures in a browser. The server renders every view, and no view needs a script."""
