"""Formats for reports of validate."""
