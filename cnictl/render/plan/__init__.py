"""Formats for what exec would run."""
