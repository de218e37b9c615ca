"""Watching: drift measured with Evidently, and the exporter that tells Prometheus."""
