"""The Retrain page."""
