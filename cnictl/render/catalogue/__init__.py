"""Formats for the list of codes."""
