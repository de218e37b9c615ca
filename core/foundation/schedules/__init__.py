"""What schedules are wished for, and what the nights did."""
