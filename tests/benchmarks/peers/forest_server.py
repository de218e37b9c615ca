"""A server that loads its model from the MLflow registry with each request, as many tutorials do.

`uvicorn tests.benchmarks.peers.forest_server:app`, with MLFLOW_TRACKING_URI set.
"""

from typing import Any

import mlflow.sklearn
import numpy as np
from fastapi import FastAPI

MODEL = "models:/forest/1"
app = FastAPI()


@app.get("/health")
def health() -> str:
    """Whether it is up."""
    return "ok"


@app.post("/predict")
def predict(wanted: dict[str, Any]) -> dict[str, list[float]]:
    """The forest's value for each row of `inputs`."""
    forest = mlflow.sklearn.load_model(MODEL)
    return {"predictions": forest.predict(np.array(wanted["inputs"])).tolist()}
