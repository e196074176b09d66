"""Formats of `cnictl.runtime.attachments.Inventory`."""
