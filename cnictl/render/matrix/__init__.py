"""Formats of `cnictl.report.matrix.Matrix`."""
