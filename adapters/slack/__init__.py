"""Slack: documented JSON in, blocks and views out."""
