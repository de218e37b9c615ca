"""Where bars, records and people's keys are kept."""
