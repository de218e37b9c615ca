"""Where the price may go, how sure that is, and how much the model is worth."""

import streamlit as st

from app.components import charts, context, exports, sentences, states, title, tracking
from app.components.formats import UNKNOWN, amount, likely, money, percent, plain
from app.components.grid import data_grid
from app.state import queries
from app.views.forecast import drivers, odds, past_forecasts
from core.evaluation.metrics.skill import SkillVerdict
from core.forecasts.forecast import MOVE, prices_by_horizon
from core.reference.bar_holds import left_out
from core.reference.schema import MAX_HORIZON

catalog = queries.catalog()
here = context.current(catalog)
line, control = st.columns([3, 1], gap="large", vertical_alignment="center")
with line:
    title.draw(here, catalog, "Forecast")
if queries.champion() is None:
    states.no_model()
    st.stop()
forecast = queries.forecast(here.ticker)
known = queries.history(here.ticker)
bars = known.bars

states.held_back(
    known.newest_held_back, f", so this forecast is from the close of {forecast.as_of:%Y-%m-%d}"
)
for sentence in (forecast.note, forecast.step):
    if sentence:
        st.warning(plain(str(sentence)))
if forecast.since is not None and not forecast.step:
    st.caption(plain(str(left_out(forecast.since))))
control.slider("Horizon in sessions", 1, MAX_HORIZON, **context.bound("h"))
skill = forecast.skill
horizon = here.horizon
prices = prices_by_horizon(forecast.frame).loc[:horizon]
baseline = prices_by_horizon(forecast.baseline).loc[:horizon]
targets = forecast.frame.groupby("horizon")["target_session"].first().loc[:horizon]
dates = targets.dt.strftime("%Y-%m-%d").tolist()
currency, close = here.ticker.currency, forecast.last_close

st.plotly_chart(
    charts.fan(bars.tail(max(40, 3 * horizon)), prices, baseline, dates, here.dark),
    config=charts.CONFIG,
    alt=f"Fan chart of {here.ticker}: close up to {forecast.as_of:%Y-%m-%d} and forecast ranges "
    f"up to {dates[-1]}; the table below holds the numbers.",
    key="fan",
)

scope, overall = forecast.skill_scope, forecast.model.card.skill
at_horizon = None if skill is None else skill.at(horizon)
# Never green or red: those say up and down here.
tell = (
    st.warning if at_horizon is not None and at_horizon.verdict == SkillVerdict.WORSE else st.info
)
tell(plain(sentences.worth(forecast, horizon)))
# What the champion was measured to be says nothing of its stand-in.
proofs = {} if forecast.fallback else {scope: skill, forecast.model.card.scope: overall}
known = {over: measured for over, measured in proofs.items() if measured is not None}
for over, measured in known.items():
    evaluated = forecast.model.card.evaluated_tickers
    st.caption(plain(sentences.proof_sentence(measured, over, horizon, evaluated)))
if any(measured.at(horizon) for measured in known.values()):
    st.caption(sentences.AT_ONCE)
if forecast.recalibrated:
    st.caption(plain(sentences.correction(forecast)))

last = prices.iloc[-1]
facts = st.columns([4, 6, 3, 4])
facts[0].metric(f"Median on {dates[-1]}", money(last[0.50], currency, close), border=True)
facts[1].metric(
    "80 % interval",
    f"{money(last[0.10], currency, close)} to {amount(last[0.90], close)}",
    border=True,
    help="Eight times in ten the close should end inside, with dividends that go ex until then "
    "added back.",
)
beyond = forecast.distribution().probability_beyond(MOVE)[horizon - 1]
facts[2].metric(
    exports.BEYOND,
    likely(beyond),
    border=True,
    help=f"Chance that {dates[-1]} ends more than 5 % above or below the last close, dividends "
    "added back. It follows from the width, which differs from ticker to ticker and day to day.",
)
facts[3].metric(
    f"Coverage, n {at_horizon.n}" if at_horizon else "Coverage",
    percent(at_horizon.coverage) if at_horizon else UNKNOWN,
    border=True,
    help="Share of actuals that fell inside the 80 % interval at this horizon, of n past "
    "forecasts made out of sample. 80 % is promised.",
)
if at_horizon is not None and scope != forecast.ticker.symbol:
    st.caption(plain(sentences.coverage_scope(forecast)))

st.caption(plain(sentences.direction(forecast, horizon)))
odds.draw(forecast, horizon, dates[-1])

st.subheader("Every horizon")
table = exports.table(forecast, prices, dates)
data_grid(
    table,
    hide_index=True,
    height="content",
    column_config=exports.columns(currency, close),
    alt=f"Quantiles of {here.ticker} per target session in {currency}",
)
exports.draw(forecast, horizon, table)
before = bars["session"].iloc[-2] if len(bars) > 1 else None
drivers.draw(forecast, horizon, before, here.dark)
past_forecasts.draw(forecast, horizon, here.dark)
tracking.evening_offer()

with st.expander("How to read this"):
    st.markdown(f"""
The forecast is the distribution of {here.ticker}'s total return from the close of
**{forecast.as_of:%Y-%m-%d}**, shown as prices in units of that close. Dividends that go ex before
a target session are added back.

- The **bands** hold 50, 80 and 90 of 100 outcomes, if the model is calibrated. The card above
  says what share the 80 % interval really held.
- The **dashed** line is the median: as often above as below. Daily direction is close to
  unforecastable, so expect little of it, and of P(up). What the model does predict is the width,
  and with it the chance of a large move.
- The **dotted** lines are the random walk: what the last 500 sessions alone would say; the ends
  of its 80 % interval stand in the table too. Skill
  means losing less than it does at this horizon, measured by pinball loss over all quantiles. A
  longer memory alone can win that much, so a claim also has to beat the same model with a
  **constant width**; both bands must lie above zero. A band below zero is said to be worse.
- A **band** is wide enough to hold at all horizons from 1 to {MAX_HORIZON} at once, nine times in
  ten. So trying all horizons finds a claim by chance alone less than once in twenty times.
- **What drives the width** splits how much wider or narrower the range is than usual among the
  things the model looks at; the parts add up to the whole.
- **Past forecasts** come from the ledger. A live one was written before its first target session
  opened, and none can be changed unnoticed.
- Skill and coverage above are those of the chosen horizon; the slider changes them.
- This is no investment advice.
""")
st.caption(plain(f"{sentences.maker(forecast)} Forecast as of {forecast.as_of:%Y-%m-%d}."))
if forecast.averaged or not forecast.fallback:
    st.caption(plain(sentences.lineage(forecast.model)))
