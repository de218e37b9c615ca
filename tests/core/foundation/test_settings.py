"""Settings from the environment and .env, with errors that name the variable."""

from pathlib import Path

import pytest

from core.foundation.errors import InvalidInputError
from core.foundation.settings import PREFIX, Settings, load_settings


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder and none of our variables."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)


def test_defaults_lie_under_home(tmp_path: Path) -> None:
    found = load_settings()
    assert (found.host, found.port, found.source) == ("127.0.0.1", 8501, "sample")
    assert found.bars_address == str(tmp_path / "var" / "bars")
    assert found.records_address == f"sqlite:///{tmp_path}/var/records.db"


def test_home_moves_all_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKERLENS_HOME", "/elsewhere")
    found = load_settings()
    assert found.bars_address == "/elsewhere/bars"
    assert found.records_address == "sqlite:////elsewhere/records.db"


def test_addresses_given_outright_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKERLENS_HOME", "/elsewhere")
    monkeypatch.setenv("TICKERLENS_BARS_URL", "file:///lake")
    monkeypatch.setenv("TICKERLENS_RECORDS_URL", "postgresql://db/records")
    found = load_settings()
    assert (found.bars_address, found.records_address) == (
        "file:///lake",
        "postgresql://db/records",
    )


@pytest.mark.parametrize("value", ["0", "65536", "-1", "web", "85.5", "8501 8502"])
def test_a_bad_port_names_the_variable_and_its_value(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKERLENS_PORT", value)
    with pytest.raises(InvalidInputError, match=f'^TICKERLENS_PORT is "{value}": ') as refused:
        load_settings()
    assert refused.value.parameter == "TICKERLENS_PORT" and "\n" not in refused.value.message


def test_an_unknown_source_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKERLENS_SOURCE", "bloomberg")
    with pytest.raises(InvalidInputError, match='^TICKERLENS_SOURCE is "bloomberg": .*sample'):
        load_settings()


def test_variables_without_the_prefix_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1234")
    assert load_settings().port == 8501


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKERLENS_PORT", "")
    assert load_settings().port == 8501


def test_the_env_file_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("TICKERLENS_PORT=9000\nTICKERLENS_HOST=0.0.0.0\nOTHER=1\n")
    monkeypatch.setenv("TICKERLENS_HOST", "::1")
    assert (load_settings().port, load_settings().host) == (9000, "::1")


def test_host_names_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKERLENS_ALLOWED_HOSTS", " lens.example , ,localhost")
    assert load_settings().host_names == ["lens.example", "localhost"]


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TW_SOURCE", "tpex"),
        ("TW_SOURCE", "yahoo,twse"),
        ("TWSE_SECONDS", "-1"),
        ("TWSE_SECONDS", "nan"),
        ("TWSE_SECONDS", "often"),
    ],
)
def test_a_bad_word_on_taiwan_names_the_variable_and_its_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"TICKERLENS_{name}", value)
    with pytest.raises(InvalidInputError, match=f'^TICKERLENS_{name} is "{value}": ') as refused:
        load_settings()
    assert refused.value.parameter == f"TICKERLENS_{name}"


@pytest.mark.parametrize("value", ["yahoo", "twse", "both"])
def test_taiwan_may_come_from_either_or_both(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().tw_source == "yahoo" and load_settings().twse_seconds == 3.0
    monkeypatch.setenv("TICKERLENS_TW_SOURCE", value)
    assert load_settings().tw_source == value
