"""What is on record about bars beside the bars: attempts, quarantine, rulings, wishes."""
