"""What tests share: servers, homes, bars, and the ways to ask."""
