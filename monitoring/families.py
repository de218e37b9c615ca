"""Metric families that leave out what is not known."""

import math
from collections.abc import Mapping
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

PREFIX = "tickerlens_"
Values = Mapping[tuple[str, ...], float | None]


def gauge(name: str, documentation: str, values: Values, labels: tuple[str, ...] = ()) -> Metric:
    """A gauge with one sample for each tuple of label values; None and NaN are left out.

    Parameters
    ----------
    name : without the prefix, ending in its unit.
    documentation : what it says and in which unit, for people.
    """
    family = GaugeMetricFamily(PREFIX + name, documentation, labels=labels)
    for key, value in _known(values).items():
        family.add_metric(key, value)
    return family


def counter(name: str, documentation: str, values: Values, labels: tuple[str, ...] = ()) -> Metric:
    """The same for a count of stored rows, which only grows; `name` without `_total`."""
    family = CounterMetricFamily(PREFIX + name, documentation, labels=labels)
    for key, value in _known(values).items():
        family.add_metric(key, value)
    return family


def one(value: float | None) -> Values:
    """The values of a family without labels."""
    return {(): value}


def age(at: datetime, since: datetime | None) -> float | None:
    """Seconds from an instant to another; None if it never was."""
    return None if since is None else (at - since).total_seconds()


def _known(values: Values) -> dict[tuple[str, ...], float]:
    return {
        key: float(value)
        for key, value in values.items()
        if value is not None and math.isfinite(value)
    }
