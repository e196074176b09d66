"""Judges network configs: rules yield hits, the engine makes findings of them."""
