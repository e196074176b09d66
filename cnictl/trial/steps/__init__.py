"""The steps of a trial: every module here is loaded, and every decorated function in it is a step."""
