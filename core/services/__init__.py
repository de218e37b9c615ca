"""The use-cases: plain functions that a button, a flow, the command line and the API all call."""
