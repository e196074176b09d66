"""The table of exit codes, from the comments in `cnictl.errors.ExitCode`."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from itertools import pairwise

from cnictl.errors import ExitCode
from docs.generating.prose import joined, prose, table


@cache
def meanings() -> dict[int, str]:
    """What each exit code means, by its number."""
    (definition,) = ast.parse(inspect.getsource(ExitCode)).body
    assert isinstance(definition, ast.ClassDef)
    found = {}
    for member, comment in pairwise(definition.body):
        match member, comment:
            case (
                ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[int(ExitCode[name])] = " ".join(text.split())
    return found


def parts() -> dict[str, str]:
    """The table by the name of its file."""
    rows = [(f"`{code}`", f"`{ExitCode(code).name}`", prose(text)) for code, text in meanings().items()]
    return {"exit-codes": joined([table(("Code", "In Python", "Meaning"), rows)])}
