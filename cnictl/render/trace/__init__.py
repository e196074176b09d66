"""Formats for the plugin runs of exec."""
