"""Formats for the list of schemas."""
