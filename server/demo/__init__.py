"""A believable year of work, invented and laid over a city's facts from a fixed seed."""
