"""A forecast as bytes and back, bit for bit; the model version is stored elsewhere."""

import json
from datetime import datetime
from typing import Any

import pandas as pd

from core.forecasts.forecast import Forecast
from core.foundation.messages import Message
from core.models import Location
from core.models.width_drivers import COLUMNS
from core.reference.tickers import Ticker
from core.registry.registry import ModelVersion


def pack(forecast: Forecast) -> bytes:
    """Everything but the model and its skill, which come from the registry."""
    frames = {"frame": forecast.frame, "baseline": forecast.baseline}
    return json.dumps(
        {
            "ticker": forecast.ticker.symbol,
            "as_of": forecast.as_of.isoformat(),
            "last_close": forecast.last_close,
            "source": forecast.source,
            "created_at": forecast.created_at.isoformat(),
            "skill_scope": forecast.skill_scope,
            "location": forecast.location.value,
            "base_rate": forecast.base_rate,
            "spans": forecast.spans,
            "stand_in": forecast.fallback,
            "short_history": forecast.short_history,
            "averaged": forecast.averaged,
            "note": None if forecast.note is None else forecast.note.to_dict(),
            "recalibrated": forecast.recalibrated,
            "since": None if forecast.since is None else forecast.since.isoformat(),
            "drivers": None if forecast.drivers is None else forecast.drivers.to_dict("list"),
            **{name: _columns(frame) for name, frame in frames.items()},
        }
    ).encode()


def unpack(content: bytes, model: ModelVersion) -> Forecast:
    """The forecast that `pack` was given; `model` is the version that was asked.

    Raises
    ------
    ValueError, KeyError, TypeError : the bytes are something else.
    """
    values = json.loads(content)
    ticker, at = Ticker(values["ticker"]), datetime.fromisoformat(values["created_at"])
    scope, fallback = values["skill_scope"], str(values["stand_in"])
    skill = model.card.skill_by_ticker.get(scope, model.card.skill)
    as_of = pd.Timestamp(values["as_of"])
    return Forecast(
        ticker=ticker,
        as_of=as_of,
        last_close=values["last_close"],
        source=values["source"],
        model=model,
        created_at=at,
        location=Location(values["location"]),
        base_rate=tuple(values["base_rate"]),
        spans=int(values["spans"]),
        frame=_frame(values["frame"], ticker, as_of, at),
        baseline=_frame(values["baseline"], ticker, as_of, at),
        skill=None if fallback else skill,
        skill_scope=scope,
        fallback=fallback,
        short_history=bool(values["short_history"]),
        averaged=bool(values["averaged"]),
        note=Message.from_stored(values["note"]) if values["note"] else None,
        drivers=_drivers(values["drivers"]),
        recalibrated=int(values["recalibrated"]),
        since=pd.Timestamp(values["since"]) if values.get("since") else None,
    )


def _drivers(columns: dict[str, Any] | None) -> pd.DataFrame | None:
    if columns is None:
        return None
    types = dict(zip(COLUMNS, ("int64", "str", "float64", "float64"), strict=True))
    return pd.DataFrame({name: columns[name] for name in COLUMNS}).astype(types)


def _columns(frame: pd.DataFrame) -> dict[str, Any]:
    return {
        "horizon": frame["horizon"].tolist(),
        "target_session": frame["target_session"].astype("int64").tolist(),
        "quantile": frame["quantile"].tolist(),
        "price": frame["price"].tolist(),
        "model_version": frame["model_version"].iloc[0],
    }


def _frame(
    columns: dict[str, Any], ticker: Ticker, as_of: pd.Timestamp, at: datetime
) -> pd.DataFrame:
    sessions = pd.Series(columns["target_session"], dtype="int64").astype("datetime64[ns]")
    return pd.DataFrame(
        {
            "ticker": ticker.symbol,
            "as_of": as_of,
            "horizon": pd.Series(columns["horizon"], dtype="int64"),
            "target_session": sessions,
            "quantile": pd.Series(columns["quantile"], dtype="float64"),
            "price": pd.Series(columns["price"], dtype="float64"),
            "model_version": columns["model_version"],
            "created_at": pd.Timestamp(at),
        }
    ).astype({"ticker": "str", "as_of": "datetime64[ns]", "model_version": "str"})
