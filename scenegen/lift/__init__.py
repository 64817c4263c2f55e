"""Capture to scene: a hash-grid radiance field, trained on the CPU for a stated time."""
