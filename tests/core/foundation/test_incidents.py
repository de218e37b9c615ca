"""What nobody foresaw is kept in full under a short id."""

from pathlib import Path

import pytest

from core.foundation.incidents import record_incident


def test_an_incident_is_kept_under_the_id_that_is_shown(tmp_path: Path) -> None:
    names = []
    for message in ("first \ud800", "second"):
        try:
            raise KeyError(message)
        except KeyError as error:
            names.append(record_incident(tmp_path, error))
    log = (tmp_path / "logs" / "incidents.log").read_text()
    assert len(set(names)) == 2 and all(name in log for name in names)
    assert "Traceback" in log and log.index("first") < log.index("second")


@pytest.mark.parametrize("blocked", ["home", "home/logs", "home/logs/incidents.log"])
def test_where_nothing_can_be_written_the_id_still_comes_back(blocked: str, tmp_path: Path) -> None:
    path = tmp_path / blocked
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix:
        path.mkdir()  # a folder where the file should be
    else:
        path.write_text("a file where the folder should be")
    assert len(record_incident(tmp_path / "home", KeyError("x"))) == 8


def test_a_path_that_is_none_loses_the_traceback_alone() -> None:
    assert len(record_incident(Path("\x00"), KeyError("x"))) == 8
