"""Where the program begins, and the one place where errors become lines and exit codes."""

from __future__ import annotations

import errno
import sys

from cnictl import TYPE_CHECKING, __version__

if TYPE_CHECKING:
    from typing import NoReturn

    from typer._click.exceptions import ClickException

    from cnictl.errors import CNIError

PROGRAM = "cnictl"
COMPLETE = "__complete"
"""The command by which the scripts in ``completions/`` ask; see `cnictl.cli.completing`."""
_UNWRITABLE = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""How writing to standard output fails."""


def main() -> NoReturn:
    """Runs the command line and ends the process."""
    _replace_closed_streams()
    arguments = sys.argv[1:]
    if arguments[:1] == [COMPLETE]:
        _end(_complete(arguments[1:]))
    _end(_print_version() if arguments in (["--version"], ["-V"]) else run(arguments))


def _complete(arguments: list[str]) -> int:
    """Answers a shell whose user has pressed TAB; a bug is a line that its script throws away, not a file each time."""
    from cnictl.cli.completing.answer import answer

    try:
        return answer(arguments)
    except BrokenPipeError:
        return 2
    except Exception as error:  # noqa: BLE001  # a shell has no use for a traceback
        _say_lines(f"{PROGRAM}: a bug in the completion: {error!r}")
        return 2


def _replace_closed_streams() -> None:
    """Gives the process the streams that its caller has closed: what nobody wants to read goes nowhere."""
    if sys.stdin is None or sys.stdout is None or sys.stderr is None:
        import os

        sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115  # until the process ends
        sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
        sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def _print_version() -> int:
    try:
        print(f"cnictl {__version__}")  # noqa: T201  # nothing has been loaded that could print better
    except OSError as error:
        return _report_unwritten(error)
    return 0


def _end(code: int) -> NoReturn:
    """Ends the process without tearing the interpreter down.

    That would take as long as a bare interpreter needs to start, and would wait for a check of ``doctor`` that hangs
    in the kernel. Nothing is lost: files are closed by whoever opened them, and the streams are flushed here.
    """
    import os

    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            code = _report_unwritten(error) if code in (0, 1) else code
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Runs the command line.

    Args:
        arguments: The arguments after the program's name.

    Returns:
        The exit code.
    """
    from cnictl.errors import CNIError, ExitCode

    _prepare_streams()
    try:
        return _dispatch(arguments)
    except CNIError as error:
        report_error(error)
        return int(error.exit_code)
    except KeyboardInterrupt as error:
        _say("interrupted", *getattr(error, "__notes__", ()))
        return int(ExitCode.INTERRUPTED)
    except OSError as error:
        return _report_unwritten(error) if error.errno in _UNWRITABLE else _report_bug(error)
    except Exception as error:  # noqa: BLE001  # a bug must not show a traceback to whoever runs a node
        return _report_bug(error)


def _prepare_streams() -> None:
    """Makes the streams take every text.

    A file name that is no UTF-8, or a C locale, must not keep a message from being read. A terminal gets the characters
    of its locale; programs get UTF-8, which JSON and XML are in whatever the locale.
    """
    for stream in (sys.stdout, sys.stderr):
        encoding = None if stream.isatty() else "utf-8"
        stream.reconfigure(encoding=encoding, errors="backslashreplace")  # type: ignore[union-attr]


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


def _report_unwritten(error: OSError) -> int:
    """Standard output takes no more: its reader has gone, which is not worth a word, or the disk is full."""
    if not isinstance(error, BrokenPipeError):
        _say(f"the answer could not be written: {error.strerror}")
    return 2


def _say(message: str, *notes: str, hint: str | None = None) -> None:
    from cnictl.cli.terminal import paper_on

    paper = paper_on(sys.stderr, plain=True)
    try:
        paper.line(f"{PROGRAM}: {message}")
        for note in notes:
            paper.line(f"  {note}")
        if hint:
            paper.paragraph("hint: ", hint, indent=2)
    except OSError:
        return  # nobody listens


def _say_lines(text: str) -> None:
    try:
        print(text, file=sys.stderr)  # noqa: T201  # the edge
    except OSError:
        return  # nobody listens
