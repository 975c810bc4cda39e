"""Kills and cuts everything while residents talk, and counts what was lost, doubled or swapped."""
