"""Formats for checkups of doctor."""
