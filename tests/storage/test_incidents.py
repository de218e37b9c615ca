"""What nobody foresaw is kept in full under a short id."""

from pathlib import Path

from core.storage.incidents import record_incident


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
