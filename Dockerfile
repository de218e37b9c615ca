# One image for the app, the worker, Prefect's server, MLflow's server and the exporter: they
# share requirements.txt. docker-compose.yml says which of them a container is.

FROM python:3.11.15-slim-bookworm AS builder

WORKDIR /build
RUN python -m venv --without-pip /opt/venv
COPY requirements.txt ./
# The lock is complete, and pip cannot match hashes to extras that it resolves itself. Wheels only:
# nothing is compiled, so no compiler is needed.
RUN python -m pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check \
    --no-deps --require-hashes --only-binary :all: --requirement requirements.txt
COPY .streamlit ./tickerlens/.streamlit
COPY app ./tickerlens/app
COPY core ./tickerlens/core
COPY flows ./tickerlens/flows
COPY monitoring ./tickerlens/monitoring
# Whatever the checkout's permissions are, everybody may read and nobody may write.
RUN chmod -R u=rwX,go=rX tickerlens

FROM python:3.11.15-slim-bookworm

RUN pip uninstall --yes --quiet --root-user-action ignore wheel setuptools pip \
    && groupadd --gid 10001 tickerlens \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp tickerlens \
    && install --directory --owner 10001 --group 10001 --mode 0700 /data
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /build/tickerlens /opt/tickerlens

# The image is read-only: what Numba compiles is kept in /tmp, everything of value in /data.
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    NUMBA_CACHE_DIR=/tmp/numba \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GIT_PYTHON_REFRESH=quiet \
    TICKERLENS_HOME=/data \
    TICKERLENS_HOST=0.0.0.0 \
    HEALTH_URL=http://127.0.0.1:8501/api/health \
    FORWARDED_ALLOW_IPS="" \
    DO_NOT_TRACK=1 \
    STREAMLIT_BROWSER_GATHER_USAGE_STATS=false \
    PREFECT_SERVER_ANALYTICS_ENABLED=false \
    PREFECT_CLIENT_METRICS_ENABLED=false \
    MLFLOW_DISABLE_TELEMETRY=true

WORKDIR /opt/tickerlens
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=10s --start-period=120s --start-interval=2s --retries=4 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(os.environ['HEALTH_URL'], timeout=8)"]
CMD ["uvicorn", "app.server:app", "--host", "0.0.0.0", "--port", "8501", "--http", "core.foundation.http_protocol:BoundedProtocol", "--no-server-header", "--no-access-log", "--timeout-graceful-shutdown", "3"]
