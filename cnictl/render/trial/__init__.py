"""The trial of a config."""
