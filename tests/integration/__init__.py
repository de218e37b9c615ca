"""Real processes, real files, real sockets."""
