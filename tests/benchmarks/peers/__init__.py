"""What others offer for the same work, run in an environment of its own, measured beside ours."""
