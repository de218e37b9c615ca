"""A forecast as the bytes that `/api/predict` sends."""

from pydantic_core import to_json

from core.forecasts.forecast import Forecast


def body(forecast: Forecast, horizon: int) -> bytes:
    """`Forecast.to_dict` as JSON; null where there is no number."""
    return to_json(forecast.to_dict(horizon), inf_nan_mode="null")


def body_key(text: str, horizon: int) -> str:
    """Under which it is kept, by the ticker as it is named."""
    return f"{horizon} {text}"
