"""A throwaway node of namespaces, and steps that are made in it one after the other."""
