"""The benchmarks run, on so little that nothing is measured."""

import json
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd
import pytest

from core.features.indicators import NAMES, textbook
from core.features.panel import Panel
from core.models import create
from tests.benchmarks import http_client, http_predict
from tests.benchmarks.__main__ import main
from tests.benchmarks.bars import folder
from tests.benchmarks.entrants import PEERS, Oracle, Replayed, Timed
from tests.benchmarks.forecasts import har
from tests.benchmarks.measure import Figure, Size, table
from tests.benchmarks.nightly_parts import parts
from tests.benchmarks.peers import environment
from tests.benchmarks.skill import Row
from tests.benchmarks.skill import table as skill_table
from tests.support.bars import walk, walks


def test_figures_of_a_lake_in_a_folder() -> None:
    figures = list(folder(Size(tickers=2, sessions=30, few=1, many=3)))
    assert {figure.count for figure in figures} == {1, 2, 3}
    assert all(figure.seconds > 0 and figure.memory > 0 for figure in figures)
    assert len({figure.what for figure in figures}) == len(figures)
    for figure in figures:
        assert json.loads(json.dumps(figure.to_dict()))["what"] == figure.what


def test_the_table_says_what_was_missed() -> None:
    slow, fast = Figure("slow", 2, 3.0, 1.0, 10.0, limit=2.5), Figure("fast", 2, 1.0, 1.0, 10.0)
    lines = table([slow, fast]).splitlines()
    assert lines[1].endswith("2.5 s MISSED") and "1500.00" in lines[1]
    assert lines[2].startswith("fast") and "MISSED" not in lines[2]


def test_the_forecaster_is_measured_at_every_count() -> None:
    figures = list(har(Size(tickers=3, sessions=600, few=2, many=4)))
    assert {figure.count for figure in figures} >= {2, 3, 4, 40, 60, 80}
    assert all(figure.seconds > 0 for figure in figures)


def test_a_night_and_a_training_are_measured_beside_fewer_tickers() -> None:
    figures = list(parts(Size(tickers=2, sessions=520, few=1, many=2)))
    assert [figure.count for figure in figures] == [1, 1, 1, 2, 2, 2]
    assert all(figure.what.endswith("times the CPU") for figure in figures[3:])
    assert all(figure.seconds > 0 for figure in figures)


def test_an_oracle_knows_the_volatility_that_comes_and_is_silent_where_nothing_does() -> None:
    panel = Panel.of(walk(sessions=700))
    fitted = Oracle().fit_panel(panel)
    rows = np.array([600, 679, 680])
    predicted = fitted.quantiles(panel, rows)
    assert np.isfinite(predicted[:2]).all() and np.isnan(predicted[2]).all()
    calm = panel.variance.copy()
    calm[601:621] /= 4.0
    halved = fitted.quantiles(replace(panel, variance=calm), rows[:1])
    np.testing.assert_allclose(np.diff(halved), np.diff(predicted[:1]) / 2.0)  # about one middle


def test_skill_that_was_not_measured_is_said_to_be_unknown() -> None:
    assert "not measured" in skill_table([])
    shares = (0.8,) * 3, (0.9,) * 3
    row = Row("US 2008 to 2013", "ewma", 9, 3, 0.05, 0.01, 0.09, 0.5, 0.75, *shares, 1.5)
    line = skill_table([row]).splitlines()[1]
    assert "5.00    [1.00, 9.00]     50.0%        75%   80.0 80.0 80.0" in line
    assert json.loads(json.dumps(row.to_dict()))["share"] == 0.5
    alone = replace(row, forecaster="har", share=float("nan"))
    assert "nan" not in skill_table([alone]) and "75%" not in skill_table([alone])


def test_a_timed_forecaster_says_what_the_other_says_and_counts() -> None:
    panel, rows = Panel.of(walk(sessions=700)), np.array([600, 650])
    timed = Timed(create("har")).fit_panel(panel)
    np.testing.assert_array_equal(
        timed.quantiles(panel, rows), create("har").fit_panel(panel).quantiles(panel, rows)
    )
    assert timed.seconds > 0 and timed.count == 2


@pytest.mark.soak
@pytest.mark.evaluation
@pytest.mark.timeout(600)
def test_peers_agree_where_they_must_and_forecast_where_they_may() -> None:
    """TA-Lib's indicators are an independent answer; GARCH knows that it is calm."""
    bars = walks(2, 900)
    panel = Panel.of(bars)
    for _, own in bars.groupby("ticker"):
        given = {name: own[name].to_numpy(float) for name in ("high", "low", "close", "volume")}
        response = environment.ask("indicators", given)["found"].T[600:]  # seeds are forgotten
        np.testing.assert_allclose(textbook(own)[list(NAMES)][600:], response, 1e-9, 1e-12)
    origins = pd.DatetimeIndex(np.unique(panel.session)[[700, 800]])
    rows = panel.rows_at(origins)
    reach = np.sqrt(np.arange(1, 21)) * 0.02
    for peer in PEERS:
        found = Replayed(peer, panel, origins).quantiles(panel, rows)
        width = (found[:, :, 5] - found[:, :, 1]) / reach
        assert found.shape == (4, 20, 7) and (np.diff(found, axis=-1) >= 0).all()
        assert 1.5 < width.mean() < 4.0, peer  # 2.56 deviations


def test_a_benchmark_that_there_is_not_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "speed"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "there is no benchmark speed; known are folder" in capsys.readouterr().err


def test_clients_send_each_body_once_from_a_process_of_their_own() -> None:
    connections = set[tuple[str, int]]()
    bodies = list[bytes]()

    class Echo(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            connections.add(self.client_address)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *more: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        wanted = [json.dumps(number) for number in range(20)]
        waits = http_client.ask(http_client.Question(url, wanted, 3))
        server.shutdown()
    assert sorted(map(int, bodies)) == [*range(20)] and len(waits.each) == 20
    assert len(connections) == 3, "each client keeps its connection"
    assert 0 < http_client.share(waits.each, 0.5) <= max(waits.each) <= waits.seconds


def test_the_table_of_servers_says_how_many_times_a_peer_ours_is() -> None:
    rows = [
        http_predict.Row(what, 8, 100, rate, 1.0, p99)
        for what, rate, p99 in (
            (http_predict.LOADER, 50.0, 300.0),
            (http_predict.SERVE, 100.0, 100.0),
            (http_predict.NIGHT, 1000.0, 200.0),
            (http_predict.ANEW, 200.0, 50.0),
        )
    ]
    lines = http_predict.table(rows).splitlines()
    assert len(lines) == 1 + 4 + 3
    assert "8 clients: 20.0 times" in lines[5] and "20 ok), p99 below it ok" in lines[5]
    assert "8 clients: 10.0 times" in lines[6] and "4 ok), p99 below it MISSED" in lines[6]
    assert lines[7].endswith("4.0 times forest loaded with each request (at least 5 MISSED)")
