"""Facts that hold for all: tickers, exchanges, trading sessions, the data contracts."""
