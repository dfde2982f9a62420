"""The command line: the only room that knows all others, and the only one that starts processes."""
