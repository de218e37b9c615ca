"""Every forecast as it was made, never changed, and the scores that came later."""
