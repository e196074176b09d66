"""Formats for repairs of doctor."""
