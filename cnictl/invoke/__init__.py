"""The wire between a runtime and a plugin: one process, an environment, stdin and stdout."""
