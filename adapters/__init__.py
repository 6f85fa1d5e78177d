"""The platforms: one package each, the same three roles in each."""
