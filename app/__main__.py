"""`python -m app` starts TickerLens and stays; `python -m app signin` prints a sign-in link."""

import argparse
import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

from app.launcher.stopping import Stop

COMMANDS = ("run", "signin", "mlflow", "reset")
OURS = ("run.lock", "records.db", "bars", "tokens")


def act(what: str, stop: Stop) -> int:
    """Do what the command line asks for."""
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


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    parser.add_argument("what", nargs="?", choices=COMMANDS, default="run")
    what = parser.parse_args().what
    stop = Stop()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    if what == "run":
        for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if kind != signal.SIGHUP or signal.getsignal(kind) != signal.SIG_IGN:  # as under nohup
                signal.signal(kind, end)
    else:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from core.foundation.disk import explained
    from core.foundation.errors import TickerLensError
    from core.foundation.settings import load_settings

    try:
        return act(what, stop)
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
