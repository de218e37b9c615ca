"""Setting up, starting, watching and stopping the processes of one machine."""
