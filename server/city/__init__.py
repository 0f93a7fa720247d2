"""A city's facts as data files, read here and loaded into the tables: changing the city is changing these files."""

from server.city.files import UnreadableCity
from server.city.listed import ListedCity, ListedOrganisation, ListedProgramme, slug
from server.city.read import city_names, read_city

__all__ = [
    "ListedCity",
    "ListedOrganisation",
    "ListedProgramme",
    "UnreadableCity",
    "city_names",
    "read_city",
    "slug",
]
