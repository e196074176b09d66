"""Where the program begins, and the one place where errors become lines and exit codes."""

from __future__ import annotations

import sys

from cnictl import TYPE_CHECKING, __version__

if TYPE_CHECKING:
    from typing import NoReturn

    from typer._click.exceptions import ClickException

    from cnictl.errors import CNIError

PROGRAM = "cnictl"


def main() -> NoReturn:
    """Runs the command line and ends the process."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        print(f"cnictl {__version__}")  # noqa: T201  # nothing has been loaded that could print better
        raise SystemExit(0)
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
    raise SystemExit(code)


def run(arguments: list[str]) -> int:
    """Runs the command line.

    Args:
        arguments: The arguments after the program's name.

    Returns:
        The exit code.
    """
    from cnictl.errors import CNIError, ExitCode

    for stream in (sys.stdout, sys.stderr):
        # A file name that is no UTF-8, or a C locale, must not keep a message from being read.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        return _dispatch(arguments)
    except CNIError as error:
        report_error(error)
        return int(error.exit_code)
    except KeyboardInterrupt as error:
        _say("interrupted", *getattr(error, "__notes__", ()))
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        _drop_stdout()
        return int(ExitCode.UNABLE)
    except Exception as error:  # noqa: BLE001  # a bug must not show a traceback to whoever runs a node
        return _report_bug(error)


def _dispatch(arguments: list[str]) -> int:
    from typer._click.exceptions import ClickException, NoArgsIsHelpError
    from typer.exceptions import Abort, Exit

    from cnictl.cli.lazy import load_command

    command = load_command("cnictl.cli.root", PROGRAM)
    try:
        with command.make_context(PROGRAM, arguments) as context:
            return int(command.invoke(context) or 0)
    except NoArgsIsHelpError as error:
        _say_lines(error.format_message())
        return 2
    except ClickException as error:
        return _report_usage(error)
    except Exit as done:
        return done.exit_code
    except Abort:
        raise KeyboardInterrupt from None


def report_error(error: CNIError) -> None:
    """Tells a person what went wrong, what became of it, and what to do."""
    _say(error.message, *getattr(error, "__notes__", ()), hint=error.hint)


def _report_usage(error: ClickException) -> int:
    """A mistake in the command line; typer's own text has neither the program's name nor one voice with ours."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else PROGRAM
    message = error.format_message().rstrip(".")
    _say(message[:1].lower() + message[1:], hint=f"`{command} -h` shows how it is called")
    return 2


def _report_bug(error: Exception) -> int:
    """A bug: one line for the person, the details in a file."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="cnictl-bug-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
    ) as file:
        file.write(f"cnictl {__version__}\n{sys.argv}\n")
        traceback.print_exception(error, file=file)
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    _say(f"a bug in cnictl: {reason}", hint=f"please report it with {file.name}")
    return 2


def _say(message: str, *notes: str, hint: str | None = None) -> None:
    lines = [f"{PROGRAM}: {message}", *(f"  {note}" for note in notes)]
    if hint:
        lines.append(f"  hint: {hint}")
    _say_lines("\n".join(lines))


def _say_lines(text: str) -> None:
    try:
        print(text, file=sys.stderr)  # noqa: T201  # the edge
    except BrokenPipeError:
        return  # nobody listens


def _drop_stdout() -> None:
    """Keeps the interpreter from failing a second time, when it closes a pipe that nobody reads."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
