"""Models: asked for, trained, promoted and published."""
