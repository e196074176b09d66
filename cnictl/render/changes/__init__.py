"""Formats for what the plugin runs of exec changed."""
