"""Exports on disk, read into the same events that a live platform sends."""
