"""A progress bar on the terminal for a service that reports its steps."""

import sys
from types import TracebackType
from typing import Self

from tqdm import tqdm


class ProgressBar:
    """One line on stderr: the step, its share and the time left. Call it as a `Progress`."""

    def __init__(self) -> None:
        # Written to a file or a pipe the line would only be noise, so it is drawn on terminals.
        self._bar = tqdm(total=1, file=sys.stderr, disable=None, leave=False, unit="part")
        self._step = ""

    def __call__(self, step: str, done: int, total: int, part: str = "") -> None:
        if self._bar.disable:
            return
        if step != self._step:
            self._step = step
            self._bar.reset(total)
            self._bar.set_description(step, refresh=False)
        self._bar.set_postfix_str(part, refresh=False)
        self._bar.update(done - self._bar.n)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()
