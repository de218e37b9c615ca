"""What a forecaster sees of the past; `build` states it as a frame."""

from core.features.build import build

__all__ = ["build"]
