"""The machine as an interface, so that a check can ask a live node and a mounted one alike."""
