"""What is done with bars, from fetching to removing them."""
