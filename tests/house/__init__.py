"""Rules about the project itself: its layers, its files, its documents and its locks."""
