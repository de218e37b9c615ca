"""Model versions side by side, and what the gate decided about them."""
