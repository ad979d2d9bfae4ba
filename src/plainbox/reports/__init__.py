"""Reports: one module a format, each made from the state of a session alone."""
