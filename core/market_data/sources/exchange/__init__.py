"""Taiwan's two exchanges, TWSE and TPEx, asked for their public daily reports."""
