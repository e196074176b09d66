"""The test of a plugin against the CNI spec."""
