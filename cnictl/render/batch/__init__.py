"""Formats for what exec did to many attachments."""
