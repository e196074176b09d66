"""Mends a node: plans what is to be done, does it, notes it in a journal, and undoes it from there."""
