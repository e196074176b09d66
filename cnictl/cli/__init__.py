"""The command line: the only place that knows arguments, terminals and exit codes."""
