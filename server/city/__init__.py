"""A city's facts as data files, read here and loaded into the tables: changing the city is changing these files."""

from server.city.read import (
    ListedCity,
    ListedOrganisation,
    ListedProgramme,
    UnreadableCity,
    city_names,
    read_city,
    slug,
)

__all__ = [
    "ListedCity",
    "ListedOrganisation",
    "ListedProgramme",
    "UnreadableCity",
    "city_names",
    "read_city",
    "slug",
]
