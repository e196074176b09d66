"""The rules, one module for each family of codes. A module that is put here is found by itself."""
