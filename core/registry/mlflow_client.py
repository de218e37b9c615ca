"""The one way to MLflow: imported late, with waits that end, and failures as ours."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.foundation.errors import InvalidInputError, OfflineError
from core.foundation.messages import Message
from core.foundation.printable import printable
from core.foundation.sql.addresses import with_driver

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "tickerlens"
VERSION_TAG, SHA256_TAG = "tickerlens.version", "tickerlens.sha256"
_LONGEST = 160  # characters of what MLflow says
_WRONG = "INVALID_PARAMETER_VALUE"


@contextmanager
def connected(
    address: str, trouble: Message, seconds: int = 10, retries: int = 1
) -> "Iterator[MlflowClient]":
    """A client of the MLflow at an address, which is `http://...` or that of a database.

    Parameters
    ----------
    trouble : the sentence for people if it does not answer or refuses.
    seconds, retries : how long a request may take, and how often it is tried again; they hold for
        the whole process.

    Raises
    ------
    OfflineError : it does not answer, or refuses.
    InvalidInputError : what it was asked for makes no sense to it; in its own first line.
    """
    # Imported here: it takes seconds, which only those pay who talk to MLflow.
    from mlflow import MlflowClient
    from mlflow.environment_variables import (
        MLFLOW_HTTP_REQUEST_MAX_RETRIES,
        MLFLOW_HTTP_REQUEST_TIMEOUT,
        MLFLOW_SQLALCHEMYSTORE_POOLCLASS,
    )
    from mlflow.exceptions import MlflowException
    from requests import RequestException

    # By default one look-up with the server gone blocks for minutes.
    MLFLOW_HTTP_REQUEST_MAX_RETRIES.set(retries)
    MLFLOW_HTTP_REQUEST_TIMEOUT.set(seconds)
    # A connection that is kept would go on reading a file that was moved away.
    MLFLOW_SQLALCHEMYSTORE_POOLCLASS.set("NullPool")
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        opened = with_driver(address)
        yield MlflowClient(tracking_uri=opened, registry_uri=opened)
    except MlflowException as error:
        if error.error_code == _WRONG:
            first = str(error.message).strip().splitlines()[0].removeprefix(f"{_WRONG}: ")
            raise InvalidInputError(
                "mlflow.filter-refused",
                "MLflow does not understand this filter: {reason}",
                {"reason": printable(first, _LONGEST)},
                parameter="filter",
            ) from error
        raise OfflineError.of(trouble, "mlflow") from error
    except (RequestException, OSError, sa.exc.SQLAlchemyError) as error:
        raise OfflineError.of(trouble, "mlflow") from error


def load() -> None:
    """Import MLflow, which takes seconds, before somebody has to wait for it."""
    import mlflow  # noqa: F401
