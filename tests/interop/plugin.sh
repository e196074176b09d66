#!/bin/sh
# Keeps what it is given, and answers what the case says. Its files are found beside its own directory.
root=${0%/*}/..
run=$root/log/$(date +%s.%N)
mkdir "$run"
env -0 >"$run/environment"
cat >"$run/stdin"
echo "${0##*/}" >"$run/plugin"
answer=$root/answers/${0##*/}/$CNI_COMMAND
[ -d "$answer" ] || answer=$root/answers/any/$CNI_COMMAND
[ ! -f "$answer/stderr" ] || cat "$answer/stderr" >&2
[ ! -f "$answer/stdout" ] || cat "$answer/stdout"
[ ! -f "$answer/status" ] || exit "$(cat "$answer/status")"
