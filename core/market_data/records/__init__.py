"""Records about bars: attempts to fetch them, the quarantine, session rulings, the watchlist."""
