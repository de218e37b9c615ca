"""What people get in with: tokens, sessions, and where they act from."""
