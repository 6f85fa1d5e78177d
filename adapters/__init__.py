"""The platforms: one package each, with the same three roles in each."""
