"""The cases of conformance: every module here is loaded, and every decorated function in it is a case."""
