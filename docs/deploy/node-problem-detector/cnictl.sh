#!/bin/sh
# What node-problem-detector runs: one line on stdout, and 0 for well, 1 for a problem, 2 for "unknown".
# CNICTL is the program, ROOT the node's root file system where the detector runs in a container.
CNICTL=${CNICTL:-cnictl}

if ! command -v "$CNICTL" >/dev/null 2>&1; then
    echo "unknown: $CNICTL is not installed here"
    exit 2
fi
# The doctor has to end before the detector's own time is up, which is 45 seconds in cnictl.json.
exec "$CNICTL" doctor ${ROOT:+--root "$ROOT"} --timeout 30 --format npd "$@"
