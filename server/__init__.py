"""Kolaborasi: work plans, targets and tasks of a city, queried, changed and watched live."""
