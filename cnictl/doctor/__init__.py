"""Examines a node: checks ask the host and yield what is wrong."""
