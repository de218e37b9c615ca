"""MLflow's notes of where its artifacts lie, in a home that was moved or copied.

MLflow keeps whole addresses. In a copy of a home they lead into the original: what was logged next
would be written there.
"""

from pathlib import Path

import sqlalchemy as sa

from core.foundation.messages import Message
from core.foundation.sql.addresses import with_driver
from core.registry.mlflow_client import EXPERIMENT

_SQLITE = "sqlite:///"
# MLflow's tables and columns that hold such addresses; an older one lacks some.
_PLACES = {
    "experiments": ("artifact_location",),
    "runs": ("artifact_uri",),
    "model_versions": ("source", "storage_location"),
    "logged_models": ("artifact_location",),
}


def relocate(address: str, artifacts: Path) -> Message | None:
    """Let MLflow's database of a home name the artifacts of that home.

    Parameters
    ----------
    address : of the database. One that lies elsewhere than beside the artifacts is not of the home
        alone, and is left as it is.
    artifacts : the folder of the home.

    Returns
    -------
    What was changed; None if all is as it should be.

    Raises
    ------
    sqlalchemy.exc.SQLAlchemyError : it cannot be read or written.
    """
    file = Path(address.removeprefix(_SQLITE))
    if not address.startswith(_SQLITE) or not file.is_file():
        return None
    if file.absolute().parent != artifacts.absolute().parent:
        return None
    wanted = artifacts.absolute().as_uri()
    engine = sa.create_engine(with_driver(address), poolclass=sa.NullPool)
    with engine.begin() as connection:
        former = _location(connection)
        if former is None or former == wanted:
            return None
        for table, columns in _present(connection).items():
            for column in columns:
                connection.execute(_renamed(table, column, former, wanted))
    return Message(
        "mlflow.home-moved",
        "MLflow named artifacts under {former}; this home was moved or copied, so it names them "
        "under {now} from now on.",
        {"former": former, "now": wanted},
    )


def _location(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("experiments"):
        return None
    query = sa.text("SELECT artifact_location FROM experiments WHERE name = :name")
    found = connection.execute(query, {"name": EXPERIMENT}).scalar()
    return None if found is None else str(found)


def _present(connection: sa.Connection) -> dict[str, list[str]]:
    looked_at = sa.inspect(connection)
    return {
        table: [one["name"] for one in looked_at.get_columns(table) if one["name"] in columns]
        for table, columns in _PLACES.items()
        if looked_at.has_table(table)
    }


def _renamed(table: str, column: str, former: str, wanted: str) -> sa.Update:
    """The folder, and whatever lies in it, under its other name."""
    named = sa.table(table, sa.column(column))
    place = named.c[column]
    within = sa.or_(place == former, sa.func.substr(place, 1, len(former) + 1) == f"{former}/")
    moved = sa.literal(wanted).concat(sa.func.substr(place, len(former) + 1))
    return sa.update(named).where(within).values({column: moved})
