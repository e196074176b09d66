"""Tests a plugin against the CNI spec, in a throwaway node."""
