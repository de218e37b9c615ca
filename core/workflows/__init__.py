"""Whole pieces of work that a button, a command, a flow and a route all call."""
