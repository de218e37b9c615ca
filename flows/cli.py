"""`python -m flows <command>`: one JSON object as the last line, or one line on stderr."""

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import Any, NoReturn

from core.foundation.audit import validate_reason
from core.foundation.disk import explained
from core.foundation.errors import InvalidInputError, TickerLensError
from core.foundation.home import keep_private
from core.foundation.incidents import record_incident
from core.foundation.keys.caller import Caller, Entrance, called_from
from core.foundation.messages import Message
from core.foundation.settings import load_settings
from core.lifecycle.compare import DEFAULT_FORECASTERS
from core.lifecycle.train import DEFAULT
from core.market_data.records.step_explanation import EXAMPLES
from core.market_data.sources.tables.dates import ORDERS
from core.market_data.sources.tables.numbers import MARKS
from core.market_data.sources.tables.options import UNITS
from core.models import NAMES
from core.reference.instruments import Naming, naming
from core.reference.naming.lists import some_namings
from core.reference.schema import MAX_HORIZON
from core.reference.scope import ALL
from core.wiring import Workspace
from core.workflows.bars.preview import PREVIEW
from flows import commands, option_values, renaming
from flows.preview_text import understood
from flows.progress import ProgressBar
from flows.report import report

_KNOWN = ", ".join(NAMES)


class _Named(argparse.Action):
    """Keeps what an option names, and how it was read where that has to be said."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        several = isinstance(values, list)
        named: list[Naming] = values if several else [values]
        tickers = [one.ticker for one in named]
        setattr(namespace, self.dest, tickers if several else tickers[0])
        notes = [str(one.note) for one in named if one.note is not None]
        namespace.read_as = [*namespace.read_as, *notes]


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InvalidInputError(
            "cli.not-understood",
            "{reason}; see --help.",
            {"reason": message[0].upper() + message[1:]},
        )


def build_parser() -> argparse.ArgumentParser:
    """Every command with its options; what it parses holds the command to run as `run`."""
    parser = _OneLineParser(
        prog="python -m flows", description="Run one piece of TickerLens' work."
    )
    known = parser.add_subparsers(required=True, metavar="command", parser_class=_OneLineParser)

    def command(run: commands.Command) -> argparse.ArgumentParser:
        added = known.add_parser(run.__name__, help=(run.__doc__ or "").rstrip("."))
        added.set_defaults(run=run, read_as=[])
        return added

    ingest, backfill = command(commands.ingest), command(commands.backfill)
    for one in (ingest, backfill):
        one.add_argument(
            "--tickers",
            type=some_namings,
            action=_Named,
            help="such as AAPL,2330.TW; all when left out",
        )
        one.add_argument(
            "--source", help="sample, csv, yahoo, twse or both; TICKERLENS_SOURCE if not given"
        )
        _add_file_options(one)
        one.add_argument("--start", type=option_values.date, help="first session, YYYY-MM-DD")
        one.add_argument("--end", type=option_values.date, help="last session, YYYY-MM-DD")
    ingest.add_argument("--market", default="", help="only us, tw or other")
    ingest.add_argument(
        "--preview", action="store_true", help="say how files are read, and store nothing"
    )
    backfill.add_argument("--again", action="store_true", help="also what was filled before")

    command(commands.mirror)

    train = command(commands.train)
    train.add_argument("--model", default=DEFAULT, help=f"one of {_KNOWN}")
    train.add_argument(
        "--reason",
        type=validate_reason,
        default="asked for on the command line",
        help="why, for the log",
    )
    train.add_argument("--scope", default=ALL, help="all, us, tw or one ticker")
    train.add_argument("--gate", action="store_true", help="let it serve if the gate says so")

    compare = command(commands.compare)
    compare.add_argument(
        "--models", type=option_values.names, default=DEFAULT_FORECASTERS, help=f"of {_KNOWN}"
    )
    compare.add_argument("--scope", default=ALL, help="all, us, tw or one ticker")
    compare.add_argument(
        "--sessions", type=option_values.count, default=500, help="newest ones to look at"
    )
    compare.add_argument(
        "--every", type=option_values.count, default=4, help="sessions from origin to origin"
    )

    for tested in (train, compare):
        tested.add_argument(
            "--evaluate-all",
            action="store_true",
            help="measure skill on every ticker, not on 64 of each market at most",
        )

    promote = command(commands.promote)
    promote.add_argument("--version", type=option_values.version, required=True, help="such as 3")
    for move in (promote, command(commands.rollback)):
        move.add_argument("--reason", type=validate_reason, required=True, help="why, for the log")
        move.add_argument(
            "--ticker", type=naming, action=_Named, help="whose specialist; else of all"
        )

    forecast = command(commands.forecast)
    forecast.add_argument(
        "--tickers", type=some_namings, action=_Named, help="such as AAPL,2330.TW; all by default"
    )
    forecast.add_argument(
        "--horizon",
        type=option_values.horizon,
        default=MAX_HORIZON,
        help=f"sessions, 1 to {MAX_HORIZON}",
    )
    score = command(commands.score)
    score.add_argument(
        "--tickers", type=some_namings, action=_Named, help="such as AAPL,2330.TW; all by default"
    )
    nightly = command(commands.nightly)
    nightly.add_argument(
        "--market", default="", help="only us, tw or other, once a session; all when left out"
    )
    replay = command(commands.replay)
    replay.add_argument(
        "--tickers", type=some_namings, action=_Named, help="such as AAPL,2330.TW; all by default"
    )
    replay.add_argument("--start", type=option_values.date, help="first as of, YYYY-MM-DD")
    replay.add_argument("--end", type=option_values.date, help="last as of, YYYY-MM-DD")
    for whole in (commands.monitor, commands.serve):
        command(whole)

    quality = command(commands.quality)
    quality.add_argument(
        "--tickers", type=some_namings, action=_Named, help="such as AAPL,2330.TW; all by default"
    )
    decision = quality.add_mutually_exclusive_group()
    decision.add_argument(
        "--release", type=option_values.entry, help="let the bars of this entry be read"
    )
    decision.add_argument(
        "--discard", type=option_values.entry, help="never read the bars of this entry"
    )
    decision.add_argument(
        "--explain", type=option_values.entry, help="say with --as what the step of it was"
    )
    decision.add_argument(
        "--take-back", type=option_values.entry, help="part the bars of an explained step again"
    )
    quality.add_argument("--as", dest="step", default="", help=f"with --explain: {EXAMPLES}")
    quality.add_argument("--reason", default="", help="why, for the log; with a decision")

    remove = command(commands.remove)
    remove.add_argument("--tickers", required=True, help="such as AAPL,2330.TW")

    rename = command(renaming.rename)
    for option, meaning in (("from", "the old symbol, such as FB"), ("to", "the new one")):
        rename.add_argument(
            f"--{option}",
            dest=f"{option}_ticker",
            type=naming,
            action=_Named,
            required=True,
            help=meaning,
        )
    rename.add_argument("--reason", type=validate_reason, required=True, help="why, for the log")
    rename.add_argument("--take-back", action="store_true", help="let both be again what they were")

    ledger = command(commands.ledger)
    ledger.add_argument("action", choices=("verify", "show"), help="check all rows, or list some")
    ledger.add_argument("--hash", help="one that verify printed before, to look for")
    ledger.add_argument(
        "--tickers", type=some_namings, action=_Named, help="what to show, such as AAPL,2330.TW"
    )
    ledger.add_argument(
        "--date", type=option_values.date, help="show only those as of a session, YYYY-MM-DD"
    )

    sessions = command(commands.sessions)
    sessions.add_argument("--calendar", default="", help="such as XTAI; lists all when left out")
    sessions.add_argument(
        "--session", type=option_values.date, help="the date in question, YYYY-MM-DD"
    )
    sessions.add_argument("--change", default="", help="added, removed or 'as listed'")
    sessions.add_argument("--reason", default="", help="why, for the log")

    command(commands.demo)
    return parser


def _add_file_options(command: argparse.ArgumentParser) -> None:
    """What may be said of the files of the csv source."""
    command.add_argument(
        "--file",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        help="files of the csv source; folders and patterns too",
    )
    command.add_argument(
        "--dates", choices=ORDERS, default="", help="what comes first in dates such as 3/4/2026"
    )
    command.add_argument(
        "--decimal", choices=MARKS, default="", help="what stands before the decimals of a file"
    )
    command.add_argument(
        "--volume", choices=UNITS, default="", help="what a file counts; a lot is 1,000 shares"
    )
    command.add_argument(
        "--adjusted", action="store_true", help="a file's prices are adjusted for its dividends"
    )


def in_english(value: object) -> str:
    """How a message stands in an answer that is printed.

    Raises
    ------
    TypeError : it is no message.
    """
    if isinstance(value, Message):
        return str(value)
    raise TypeError(f"{value!r} cannot be printed as JSON.")


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit code."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # a retry is no news, the failure is
    home = Path()
    try:
        workspace = Workspace(load_settings())
        home = workspace.settings.home
        keep_private(home)
        options = build_parser().parse_args(arguments)
        with ProgressBar() as progress, called_from(Caller(Entrance.COMMAND)):
            result = options.run(options, workspace, progress)
        if options.read_as:
            result = {"read_as": options.read_as, **result}
    except TickerLensError as error:
        print(error.message, file=sys.stderr)
        return 1
    except KeyboardInterrupt as stopped:
        print(f"Stopped. {str(stopped) or 'What was stored before stays.'}", file=sys.stderr)
        return 130
    except Exception as error:
        known = explained(error, home)
        if known is not None:
            print(known.message, file=sys.stderr)
            return 1
        name = record_incident(home, error)
        log = home / "logs" / "incidents.log"
        print(f"Something unforeseen happened, error {name}; see {log}.", file=sys.stderr)
        return 1
    if options.run is commands.compare:
        print(report(result["leaderboard"]))
    if result.get("status") == PREVIEW:
        print(understood(result))
    print(json.dumps(result, ensure_ascii=False, allow_nan=False, default=in_english))
    return 0
