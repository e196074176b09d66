"""The shell script that a scripted plugin is."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from cnictl.invoke.invocation import CNI_VARIABLES

if TYPE_CHECKING:
    from pathlib import Path

# A run is noted under a name that no other run can have taken: the shell opens the file with O_EXCL. One line for each
# run is appended to "order", which the kernel does in one piece. A behaviour that holds for a number of runs is as many
# files; whoever can rename one has it.
_SCRIPT = r"""#!/bin/sh
# Stands in for a CNI plugin in tests. Written by cnictl.testing.ScriptedPlugin.
plugin=@PLUGIN@
home=@HOME@
scripts=$home/scripts/$plugin
ulimit -c 0

number=0
set -C
until true >"$home/calls/$$-$number"; do
    number=$((number + 1))
    [ -d "$home/calls" ] && [ $number -lt 10000 ] || break
done 2>/dev/null
set +C
call=$home/calls/$$-$number
if [ ! -e "$call" ]; then
    echo "$plugin: no room for notes in $home, which ScriptedPlugin made" >&2
    exit 70
fi
{
    printf '%s\0' "$plugin"
@NOTES@
} >"$call"
echo "$$-$number" >>"$home/order"

take() {
    cat >"$call.stdin"
}

# Prints a member of the object on stdin.
member() {
    [ ! -e "$call.stdin" ] || LC_ALL=C awk -v wanted="^\"$1\"[ \t\r\n]*:" '
        { text = text $0 "\n" }
        END {
            for (place = 1; place <= length(text); place++) {
                char = substr(text, place, 1)
                if (inside && char == "\\") place++
                else if (inside) inside = char != "\""
                else if (char == "\"" && depth == 1 && !start && match(substr(text, place), wanted))
                    start = place += RLENGTH - 1
                else if (char == "\"") inside = 1
                else if (char ~ /[[{]/) depth++
                else if (start && depth == 1 && char ~ /[,}]/) {
                    print substr(text, start + 1, place - start - 1)
                    exit
                }
                else if (char ~ /[]}]/) depth--
            }
        }' "$call.stdin"
}

# Prints what an unscripted run answers.
answer() {
    case $CNI_COMMAND in
    ADD)
        result=$(member prevResult)
        [ -n "$result" ] || result="{\"cniVersion\": $(member cniVersion)}"
        [ "$result" != '{"cniVersion": }' ] || result={}
        printf '%s\n' "$result"
        ;;
    VERSION) . "$scripts/versions" ;;
    esac
}

case $CNI_COMMAND in
ADD | CHECK | DEL | GC | STATUS | VERSION) ;;
*)
    echo '{"cniVersion": "1.1.0", "code": 4, "msg": "unknown CNI_COMMAND"}'
    exit 1
    ;;
esac
for next in "$scripts/$CNI_COMMAND.next-"*; do
    [ -e "$next" ] && mv "$next" "$call.does" 2>/dev/null && . "$call.does"
done
[ ! -e "$scripts/$CNI_COMMAND" ] || . "$scripts/$CNI_COMMAND"
take
answer
"""

_NOTED = (*CNI_VARIABLES, "CNI_NETNS_OVERRIDE")


def executable(plugin: str, home: Path) -> str:
    """The script of a plugin. It needs a POSIX shell, and ``awk`` for an ADD that is not scripted.

    Args:
        plugin: The plugin's ``type``.
        home: The directory with its scripts and notes, absolute.
    """
    script = _SCRIPT.replace("@NOTES@", "\n".join(map(_note, _NOTED)))
    return script.replace("@PLUGIN@", shlex.quote(plugin)).replace("@HOME@", shlex.quote(str(home)))


def _note(name: str) -> str:
    """The command that notes a variable if it is set."""
    return f"""    [ -z "${{{name}+set}}" ] || printf '{name}=%s\\0' "${name}\""""
