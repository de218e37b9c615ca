"""Forecasts: made, recalibrated, served, and recorded in the ledger."""
