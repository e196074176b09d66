"""The checks, one module for each subject. A module that is put here is found by itself."""
