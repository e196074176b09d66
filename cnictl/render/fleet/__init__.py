"""Formats for what the doctor found on many nodes."""
