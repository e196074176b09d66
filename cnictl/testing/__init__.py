"""Help for tests of programs that use cnictl: run networks without running a plugin."""

from cnictl.testing.fake import FakeExecutor

__all__ = ["FakeExecutor"]
