"""`python -m app` starts TickerLens and stays; `python -m app signin` prints a sign-in link, and
`python -m app tokens` gives people tokens or takes them away."""

import argparse
import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

from app.launcher.stopping import Stop
from core.foundation.keys.person import PersonRole
from core.foundation.keys.tokens import DEFAULT_DAYS, MAX_DAYS

OURS = ("run.lock", "records.db", "bars", "tokens")


def act(options: argparse.Namespace, stop: Stop) -> int:
    """Do what the command line asks for."""
    what = options.what
    # Imported here, when Ctrl-C already has its handler and cannot end in a traceback.
    from app.launcher import launch
    from core.foundation.home import keep_private, open_home
    from core.foundation.settings import load_settings

    settings = load_settings()
    home = settings.home.expanduser().resolve()
    keep_private(home)
    settings = settings.model_copy(update={"home": home})
    if what == "reset":
        return reset(home)
    if what == "signin":
        open_home(home)
        launch.say(launch.signin_link(settings))
        return 0
    if what == "tokens":
        from app.launcher import token_commands

        open_home(home)
        launch.say("\n".join(token_commands.lines(settings, options)))
        return 0
    if what == "mlflow":
        from app.launcher import mlflow_pages

        return mlflow_pages.serve(settings, os.environ)
    return launch.run(settings, os.environ, stop)


def reset(home: Path) -> int:
    """Delete the home folder after asking."""
    from app.launcher import launch
    from app.launcher.supervisor import ROOT, Supervisor
    from core.foundation.errors import StorageError

    if not home.exists():
        launch.say(f"There is nothing to delete: {home} does not exist.")
        return 0
    precious = home in (Path(home.anchor), Path.home(), ROOT, *ROOT.parents)
    if precious or not any((home / name).exists() for name in OURS):
        raise StorageError(
            "home.not-ours",
            "{home} does not look like a folder of TickerLens; it was left alone.",
            {"home": home},
        )
    with launch.hold(home):
        print(
            f"Delete {home} with all bars, forecasts and models in it? [y/N] ", end="", flush=True
        )
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            launch.say("Nothing was deleted.")
            return 1
        Supervisor(home).stop()
        shutil.rmtree(home)
    launch.say(f"Deleted {home}.")
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Every command; `what` is the one asked for, to run if none is."""
    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    known = parser.add_subparsers(dest="what", metavar="command")
    known.add_parser("run", help="start everything and stay")
    known.add_parser("signin", help="print a sign-in link, good once")
    _add_token_options(known.add_parser("tokens", help="give people tokens, list or revoke them"))
    known.add_parser("mlflow", help="serve MLflow's own pages")
    known.add_parser("reset", help="delete the home folder, after asking")
    parser.set_defaults(what="run")
    return parser


def _add_token_options(parser: argparse.ArgumentParser) -> None:
    known = parser.add_subparsers(dest="change", required=True, metavar="add|list|revoke")
    added = known.add_parser("add", help="make a token and print it, once")
    added.add_argument("name", help="whose it is: a-z, 0-9 and -, a letter first")
    added.add_argument("--role", choices=list(map(str, PersonRole)), default=PersonRole.VIEWER)
    added.add_argument(
        "--days",
        type=int,
        default=DEFAULT_DAYS,
        help=f"until it expires, 1 to {MAX_DAYS:,}; {DEFAULT_DAYS} by default, 0 for never",
    )
    known.add_parser("list", help="print every token, without the secrets")
    revoked = known.add_parser("revoke", help="make a token and its sessions good for nothing")
    revoked.add_argument("name", help="as tokens list prints it")


def main() -> int:
    """Entry point."""
    options = build_parser().parse_args()
    stop = Stop()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    if options.what == "run":
        for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if kind != signal.SIGHUP or signal.getsignal(kind) != signal.SIG_IGN:  # as under nohup
                signal.signal(kind, end)
    else:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from core.foundation.disk import explained
    from core.foundation.errors import TickerLensError
    from core.foundation.settings import load_settings

    try:
        return act(options, stop)
    except TickerLensError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        known = explained(error, load_settings().home)
        if known is not None:
            print(known, file=sys.stderr)
            return 1
        place = f" ({error.filename})" if error.filename else ""
        reason = error.strerror or error
        print(f"TickerLens cannot go on: {reason}{place}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
