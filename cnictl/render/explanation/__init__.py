"""Formats for the text behind a code."""
