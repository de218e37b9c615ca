"""Measure, print a table, and the figures as JSON in the last line.

Each benchmark is a function in a file of its own: given a size, it yields its figures. To add one,
write it and name it here.
"""

import argparse
import json
import os
import platform

from tests.benchmarks import (
    bars,
    clickhouse,
    experiments,
    forecasts,
    http_predict,
    ingest,
    many_tickers,
    measure,
    nightly_parts,
    nights,
    pages,
    skill,
)
from tests.benchmarks.measure import FULL, QUICK

BENCHMARKS = {
    "folder": bars.folder,
    "s3": bars.s3,
    "clickhouse": clickhouse.beside,
    "ingest": ingest.yahoo,
    "forecasts": forecasts.har,
    "experiments": experiments.runs,
    "nights": nights.nights,
    "nightly-parts": nightly_parts.parts,
    "pages": pages.waits,
    "many_tickers": many_tickers.pages,
    "predict": http_predict.predictions,
    "skill": skill.real,
}
TABLES = {"skill": skill.table, "predict": http_predict.table}  # the others tell what it cost


def main() -> None:
    """Run the benchmarks that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="fewer tickers, for a first look")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; known are {', '.join(BENCHMARKS)}")
    size = QUICK if chosen.quick else FULL
    figures = []
    for name in chosen.names or BENCHMARKS:
        found = list(BENCHMARKS[name](size))
        print(TABLES.get(name, measure.table)(found), end="\n\n", flush=True)
        figures += found
    machine = {"processors": os.cpu_count(), "python": platform.python_version()}
    print(json.dumps(machine | {"figures": [figure.to_dict() for figure in figures]}))


if __name__ == "__main__":
    main()
