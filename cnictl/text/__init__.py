"""Text with exact positions. Knows JSON; knows nothing of CNI."""
