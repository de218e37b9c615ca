"""Every setting, read once at an entry point from the environment and `.env`, then passed down."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.foundation.errors import InvalidInputError

PREFIX = "TICKERLENS_"
NO_LIMIT = "off"
_RATE = re.compile(r"[1-9][0-9]{0,5}/(second|minute|hour|day)")


def _validate_rate(text: str) -> str:
    if text != NO_LIMIT and not _RATE.fullmatch(text):
        raise PydanticCustomError(
            "rate", "a number a second, minute, hour or day is written as 10/minute, none as off"
        )
    return text


Rate = Annotated[str, AfterValidator(_validate_rate)]


class Settings(BaseSettings):
    """What may be chosen from outside; each field is the variable `TICKERLENS_<FIELD>`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = Field(Path("var"), description="Folder that holds all state.")
    host: str = Field("127.0.0.1", description="Address the app listens on.")
    port: int = Field(8501, ge=1, le=65535, description="Port the app listens on.")
    allowed_hosts: str = Field(
        "127.0.0.1,localhost", description="Host names the app answers to, separated by commas."
    )
    signin_required: bool = Field(
        False, description="Whether people must sign in to see anything; anybody may see if false."
    )
    oidc_metadata_url: str = Field(
        "",
        description=(
            "Where an OpenID Connect provider describes itself, such as "
            "https://login.example/.well-known/openid-configuration; tokens alone if empty."
        ),
    )
    oidc_client_id: str = Field("", description="What the provider knows this app as.")
    oidc_client_secret: str = Field("", description="The secret of that client.")
    oidc_redirect_url: str = Field(
        "",
        description=(
            "Where the provider sends browsers back to, as registered there: the app's own "
            "address and /oauth2callback; on 127.0.0.1 if empty."
        ),
    )
    oidc_cookie_secret: str = Field(
        "",
        description="What signs the state of a sign-in; made and kept under home if empty.",
    )
    oidc_scopes: str = Field(
        "openid profile email", description="What the provider is asked to say of a person."
    )
    oidc_groups_claim: str = Field(
        "groups", description="The claim of the ID token that lists a person's groups."
    )
    oidc_developer_groups: str = Field(
        "",
        description="Groups whose members are developers, separated by commas; others see only.",
    )
    oidc_hours: int = Field(
        12, ge=1, le=168, description="Hours until one must sign in at the provider again."
    )
    signin_rate: Rate = Field(
        "10/minute",
        description=(
            "How often one address may try to sign in or send an unknown token; off for no limit."
        ),
    )
    train_rate: Rate = Field(
        "30/hour",
        description="How often one token, or one address without, may ask for a training by HTTP.",
    )
    upload_rate: Rate = Field(
        "60/minute", description="How often one address, and one session, may send a file."
    )
    source: Literal["sample", "csv", "yahoo"] = Field(
        "sample", description="Where bars come from: sample, csv or yahoo."
    )
    yahoo_url: str = Field(
        "",
        description=(
            "Base address asked instead of Yahoo's, such as http://127.0.0.1:8600; Yahoo itself "
            "if empty."
        ),
    )
    yahoo_rate: float = Field(
        2.0,
        ge=0.0,
        allow_inf_nan=False,
        description=(
            "Requests a second to Yahoo at most, all processes together; 0 for no limit, as for "
            "a mirror."
        ),
    )
    tw_source: Literal["yahoo", "twse", "both"] = Field(
        "yahoo",
        description=(
            "Where bars of Taiwan come from: yahoo, twse (the exchanges' own reports, with their "
            "consent and for your own use, see docs/data.md) or both, compared session by session."
        ),
    )
    twse_url: str = Field(
        "",
        description=(
            "Base address asked instead of TWSE and TPEx, such as http://127.0.0.1:8610; the "
            "exchanges themselves if empty."
        ),
    )
    twse_seconds: float = Field(
        3.0,
        ge=0.0,
        allow_inf_nan=False,
        description=(
            "Seconds between two requests to the exchanges of Taiwan, all processes together; "
            "fewer than 3 count only with TICKERLENS_TWSE_URL, as for a mirror."
        ),
    )
    bars_url: str = Field(
        "",
        description=(
            "Where bars are stored: a folder, or s3://bucket/prefix; a folder under home if "
            "empty."
        ),
    )
    s3_url: str = Field(
        "",
        description=(
            "Address of the S3 server, such as http://127.0.0.1:9000; Amazon's own if empty."
        ),
    )
    s3_key: str = Field(
        "",
        description=(
            "Access key on S3; what the AWS client finds by itself (AWS_ACCESS_KEY_ID, a role) "
            "if empty."
        ),
    )
    s3_secret: str = Field("", description="Secret of that key.")
    s3_region: str = Field("", description="Region of the bucket, where there are any.")
    clickhouse_url: str = Field(
        "",
        description=(
            "ClickHouse that gets a copy of the bars, such as "
            "clickhouse://user:password@host:8123/bars, for SQL; none if empty."
        ),
    )
    clickhouse_reads: bool = Field(
        False,
        description=(
            "Whether wide reads come from that copy while it is up to date; measure first, see "
            "make bench."
        ),
    )
    cache_url: str = Field(
        "",
        description=(
            "Redis that processes share as a cache, such as redis://:password@host:6379/0; a "
            "file in the home if empty."
        ),
    )
    records_url: str = Field(
        "", description="SQLAlchemy address of the records; SQLite under home if empty."
    )
    mlflow_url: str = Field(
        "", description="MLflow's tracking address; SQLite under home if empty."
    )
    mlflow_port: int = Field(
        5000, ge=1, le=65535, description="Port of MLflow's own pages, see make mlflow."
    )
    prefect_url: str = Field(
        "", description="Address of Prefect's API; a server is started here if empty."
    )
    prefect_port: int = Field(
        4200, ge=1, le=65535, description="Port of the Prefect server started here."
    )
    prefect_auth: str = Field(
        "", description="user:password of Prefect's API; made and kept under home if empty."
    )
    exporter_port: int = Field(9109, ge=1, le=65535, description="Port the exporter listens on.")
    exporter_url: str = Field(
        "",
        description=(
            "Where the exporter is asked, such as http://exporter:9109; at its port on this "
            "machine if empty."
        ),
    )
    prefect_pages_url: str = Field(
        "", description="Where browsers find Prefect's pages, if not at its API."
    )
    mlflow_pages_url: str = Field(
        "", description="Where browsers find MLflow's pages, if not at its tracking address."
    )
    grafana_url: str = Field(
        "",
        description=(
            "Where browsers find Grafana, such as http://127.0.0.1:3000; no link to it if " "empty."
        ),
    )

    @property
    def bars_address(self) -> str:
        """Where bars are stored, with the default filled in."""
        return self.bars_url or str(self.home.absolute() / "bars")

    @property
    def records_address(self) -> str:
        """Where records are stored, with the default filled in."""
        return self.records_url or f"sqlite:///{self.home.absolute() / 'records.db'}"

    @property
    def mlflow_address(self) -> str:
        """Where experiments are kept, with the default filled in."""
        return self.mlflow_url or f"sqlite:///{self.home.absolute() / 'mlflow.db'}"

    @property
    def prefect_address(self) -> str:
        """Address of Prefect's API, with the default filled in."""
        return self.prefect_url or f"http://127.0.0.1:{self.prefect_port}/api"

    @property
    def oidc_is_on(self) -> bool:
        """Whether people may sign in at a provider."""
        return bool(self.oidc_metadata_url)

    @property
    def oidc_callback(self) -> str:
        """Where the provider sends browsers back to, with the default filled in."""
        return self.oidc_redirect_url or f"http://127.0.0.1:{self.port}/oauth2callback"

    @property
    def oidc_groups(self) -> frozenset[str] | None:
        """The groups of developers; None where nobody signs in at a provider."""
        names = (name.strip() for name in self.oidc_developer_groups.split(","))
        return frozenset(filter(None, names)) if self.oidc_is_on else None

    @property
    def host_names(self) -> list[str]:
        """`allowed_hosts` as a list."""
        return [name.strip() for name in self.allowed_hosts.split(",") if name.strip()]


def load_settings() -> Settings:
    """Read the settings.

    Raises
    ------
    InvalidInputError : naming the first variable that holds something unusable, and its value.
    """
    try:
        return _complete(Settings())
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise InvalidInputError(
            "settings.bad-value",
            '{name} is "{value}": {reason}.',
            {"name": name, "value": first["input"], "reason": first["msg"].lower()},
            parameter=name,
        ) from None


def _complete(settings: Settings) -> Settings:
    """The settings, if what is said of a provider is enough to use it and safe."""
    address = settings.oidc_callback
    wrong = ""
    if settings.oidc_is_on and not settings.oidc_client_id:
        wrong = "OIDC_CLIENT_ID"
    elif settings.oidc_is_on and not settings.oidc_client_secret:
        wrong = "OIDC_CLIENT_SECRET"
    if wrong:
        raise InvalidInputError(
            "settings.oidc-incomplete",
            "{name} is empty; a provider is not used without it.",
            {"name": PREFIX + wrong},
            parameter=PREFIX + wrong,
        )
    if settings.oidc_is_on and not address.endswith("/oauth2callback"):
        name = PREFIX + "OIDC_REDIRECT_URL"
        raise InvalidInputError(
            "settings.oidc-redirect",
            '{name} is "{value}"; it ends with /oauth2callback.',
            {"name": name, "value": address},
            parameter=name,
        )
    return settings
