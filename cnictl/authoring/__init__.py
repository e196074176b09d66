"""Writes and edits network configs."""
