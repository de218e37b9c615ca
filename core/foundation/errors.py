"""What can go wrong, each as one sentence a person can act on."""

from collections.abc import Mapping
from typing import Any, Self

from core.foundation.messages import Message


class TickerLensError(Exception):
    """Base of every error whose text may be shown to a person.

    Parameters
    ----------
    code, text, parameters : one sentence naming what was wrong and what would be right, as
        `Message` has it.
    parameter : the argument, column or setting at fault, for forms and API clients.

    Attributes
    ----------
    sentence : the sentence, to be said in any language.
    message : the sentence in English.

    Examples
    --------
    >>> error = TickerLensError("ticker.gone", "{ticker} is gone.", {"ticker": "TSM"})
    >>> error.message, error.sentence.code
    ('TSM is gone.', 'ticker.gone')
    """

    def __init__(
        self,
        code: str,
        text: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        parameter: str | None = None,
    ) -> None:
        self.sentence = Message(code, text, parameters or {})
        self.message = str(self.sentence)
        self.parameter = parameter
        super().__init__(self.message)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).of, (self.sentence, self.parameter), self.__dict__

    @classmethod
    def of(cls, sentence: Message, parameter: str | None = None) -> Self:
        """The error that says a sentence made before."""
        return cls(sentence.code, sentence.text, sentence.parameters, parameter=parameter)


class InvalidInputError(TickerLensError):
    """An argument is outside what the function accepts."""


class SchemaError(InvalidInputError):
    """A frame or file does not keep its contract; `parameter` is the column."""


class NotFoundError(TickerLensError):
    """The ticker, model or session asked for is not stored."""


class NoBarsError(NotFoundError):
    """The source has no bars in the range asked for, which says nothing of the ticker itself."""


class RemovedError(TickerLensError):
    """A ticker was removed while its bars were on their way, and stays removed."""


class NotEnoughHistoryError(TickerLensError):
    """A method needs more sessions than the ticker has."""


class SourceError(TickerLensError):
    """A source of bars failed or answered with something unusable."""


class UnavailableError(SourceError):
    """A source cannot be reached or is out of order; nothing follows for the ticker."""


class RateLimitedError(SourceError):
    """A source refuses to be asked so often."""


class ArtifactError(TickerLensError):
    """A stored model failed verification and must not serve."""


class StorageError(TickerLensError):
    """A store cannot be opened, read or written."""


class DamagedError(StorageError):
    """One stored thing is corrupt; what lies beside it may be intact."""


class UnreadableError(DamagedError):
    """One stored thing could not be read; the same bytes may be read later."""


class OfflineError(TickerLensError):
    """A service beside this program (MLflow, Prefect) does not answer."""


class SlowError(OfflineError):
    """A service beside this program takes connections, and does not answer in time."""


class AccessError(TickerLensError):
    """The caller may not do this."""


class ForbiddenError(AccessError):
    """The caller is known, and may not do this."""


class BusyError(TickerLensError):
    """The same work is already under way."""
