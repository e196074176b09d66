"""Help for tests of programs that use cnictl, or that run CNI plugins in any other way.

`FakeExecutor` answers in place of plugins without starting a process; `ScriptedPlugin` is a real executable that
behaves as it was told. The fixtures of `cnictl.testing.pytest_plugin` are there in every run of pytest.

Importing this package loads nothing: each name is loaded when it is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False
"""True for type checkers; see `cnictl`."""

if TYPE_CHECKING:
    from cnictl.testing.calls import Call, calls_in, runs_in
    from cnictl.testing.fake import FakeExecutor
    from cnictl.testing.scripted import ScriptedPlugin

__all__ = ["Call", "FakeExecutor", "ScriptedPlugin", "calls_in", "runs_in"]

_MODULES = {"FakeExecutor": "fake", "ScriptedPlugin": "scripted"} | dict.fromkeys(
    ("Call", "calls_in", "runs_in"), "calls"
)


def __getattr__(name: str) -> object:
    """Loads a public name on first use (PEP 562)."""
    if name not in _MODULES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
