"""``cnictl chain``: the plugins of a config, shown and edited in place."""
