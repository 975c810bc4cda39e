"""Ours against stock Rasa, in one run on one machine: `make bench`."""
