"""The tables of the ledger: forecasts as they were made, and their scores."""

import sqlalchemy as sa

from core.foundation.messages import Message
from core.foundation.sql.database import Instant, metadata
from core.foundation.sql.sealed_table import SealedTable

forecasts = sa.Table(
    "forecasts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("ticker", sa.String(20), nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("model_version", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("last_close", sa.Float(53), nullable=False),
    sa.Column("law", sa.JSON, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.UniqueConstraint("ticker", "as_of", "model_version", "kind", name="forecasts_once"),
)
scores = sa.Table(
    "scores",
    metadata,
    sa.Column("forecast_id", sa.ForeignKey(forecasts.c.id), primary_key=True),
    sa.Column("horizon", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("scored_session", sa.Date, nullable=False),
    sa.Column("actual", sa.Float(53), nullable=False),
    sa.Column("pinball", sa.Float(53), nullable=False),
    sa.Column("baseline_pinball", sa.Float(53), nullable=False),
    sa.Column("inside_80", sa.Float(53), nullable=False),
    sa.Column("width_80", sa.Float(53), nullable=False),
    sa.Column("scored_at", Instant, nullable=False),
    # Unknown of rows that were scored before these were kept.
    sa.Column("pit", sa.Float(53), nullable=True),
    sa.Column("crps", sa.Float(53), nullable=True),
    sa.Column("inside_50", sa.Float(53), nullable=True),
    sa.Column("inside_90", sa.Float(53), nullable=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.UniqueConstraint("position", name="scores_one_a_position"),
)
SEALED_FORECASTS = SealedTable(
    forecasts,
    "id",
    ("id", "ticker", "as_of", "model_version", "kind", "created_at", "last_close", "law"),
    Message("ledger.forecasts", "Forecasts"),
    lambda number: Message("ledger.forecast-number", "Forecast {number}", {"number": number}),
    lambda row: Message(
        "ledger.forecast-row",
        "Forecast {number} ({ticker} as of {as_of})",
        {"number": row.id, "ticker": row.ticker, "as_of": row.as_of},
    ),
)
SCORE_COLUMNS = (
    *("forecast_id", "horizon", "scored_session", "actual", "pinball", "baseline_pinball"),
    *("inside_80", "width_80", "scored_at", "pit", "crps", "inside_50", "inside_90"),
)
SEALED_SCORES = SealedTable(
    scores,
    "position",
    ("position", *SCORE_COLUMNS),
    Message("ledger.scores", "Scores"),
    lambda number: Message("ledger.score-number", "Score {number}", {"number": number}),
    lambda row: Message(
        "ledger.score-row",
        "Score {number} (forecast {forecast} at horizon {horizon})",
        {"number": row.position, "forecast": row.forecast_id, "horizon": row.horizon},
    ),
)
