"""Proves that a network config works, by running it in a throwaway node."""
