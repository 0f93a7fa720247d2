"""Where a demo's work happens: a kecamatan's real places, and the filling of a sentence's slots from them."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from server.city import ListedCity, ListedOrganisation

MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli"),
    *("Agustus", "September", "Oktober", "November", "Desember"),
)
QUARTERS = ("Triwulan I", "Triwulan II", "Triwulan III", "Triwulan IV")
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI")
LANES = (
    *("Melati", "Mawar", "Keluarga", "Rukun", "Sederhana", "Bersama", "Kenanga", "Pribadi", "Buntu", "Amal"),
    *("Rahayu", "Sepakat", "Damai", "Musyawarah", "Mesjid", "Sekolah", "Cempaka", "Famili", "Saudara", "Langgar"),
)
SLOT = re.compile(r"\{([a-z]+|\d+-\d+)\}")


@dataclass(frozen=True, slots=True)
class Kecamatan:
    """One kecamatan as sentences need it."""

    facts: ListedOrganisation
    kelurahan: tuple[ListedOrganisation, ...]
    streets: tuple[str, ...]
    health_centres: tuple[str, ...]
    markets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A sentence whose slots are filled, and the kelurahan that it names, if it names one."""

    text: str
    kelurahan: ListedOrganisation | None


class Places:
    """The city's places, and what a slot such as {jalan} may become in them."""

    def __init__(self, city: ListedCity, folder: Path) -> None:
        places = tomllib.loads((folder / "places.toml").read_text(encoding="utf-8"))
        self.of_the_city: Mapping[str, list[str]] = places["city"]
        children: dict[str, list[ListedOrganisation]] = {}
        for organisation in city.organisations:
            if organisation.parent is not None and organisation.kind == "KELURAHAN":
                children.setdefault(organisation.parent, []).append(organisation)
        self.kecamatan = tuple(
            Kecamatan(
                organisation,
                tuple(children[organisation.code]),
                tuple(places[organisation.code]["streets"]),
                tuple(places[organisation.code]["health_centres"]),
                tuple(places[organisation.code]["markets"]),
            )
            for organisation in city.organisations
            if organisation.kind == "KECAMATAN"
        )
        self._by_code = {kecamatan.facts.code: kecamatan for kecamatan in self.kecamatan}
        self._parent = {kelurahan.code: kelurahan.parent for each in self.kecamatan for kelurahan in each.kelurahan}

    def names(self) -> list[str]:
        """Every place name that a filled sentence may hold, longest first: what a test masks."""
        names = {name for group in self.of_the_city.values() for name in group}
        for kecamatan in self.kecamatan:
            names.update(kecamatan.streets, kecamatan.health_centres, kecamatan.markets)
            names.update(organisation.name for organisation in (kecamatan.facts, *kecamatan.kelurahan))
        return sorted(names | {f"Gang {lane}" for lane in LANES}, key=len, reverse=True)

    def fill(self, pattern: str, draw: Random, day: date, within: ListedOrganisation | None = None) -> Filled:
        """`pattern` with every slot filled, all in one kecamatan: any, or `within` it or its kelurahan.

        {kelurahan} {kecamatan} {lingkungan} {jalan} {gang} {puskesmas} {pasar} {sungai} {taman} {terminal} {hospital}
        {cagar} {sd} {smp}; {bulan} {triwulan} {tahun} of `day`; {20-60} is a number between.
        """
        if within is not None and within.kind == "KELURAHAN":
            kecamatan, kelurahan = self._by_code[self._parent[within.code] or ""], within
        else:
            kecamatan = self._by_code[within.code] if within is not None else draw.choice(self.kecamatan)
            kelurahan = draw.choice(kecamatan.kelurahan)

        def value(match: re.Match[str]) -> str:
            return self._value(match[1], draw, day, kecamatan, kelurahan)

        return Filled(SLOT.sub(value, pattern), kelurahan if "{kelurahan}" in pattern else None)

    def _value(self, slot: str, draw: Random, day: date, kecamatan: Kecamatan, kelurahan: ListedOrganisation) -> str:
        match slot:
            case "kelurahan":
                return kelurahan.name
            case "kecamatan":
                return kecamatan.facts.name
            case "lingkungan":
                return f"Lingkungan {draw.choice(ROMAN)}"
            case "gang":
                return f"Gang {draw.choice(LANES)}"
            case "jalan":
                return draw.choice(kecamatan.streets)
            case "puskesmas":
                return draw.choice(kecamatan.health_centres)
            case "pasar":
                return draw.choice(kecamatan.markets)
            case "sungai":
                return draw.choice(self.of_the_city["rivers"])
            case "taman":
                return draw.choice(self.of_the_city["parks"])
            case "terminal":
                return draw.choice(self.of_the_city["terminals"])
            case "hospital":
                return draw.choice(self.of_the_city["hospitals"])
            case "cagar":
                return draw.choice(self.of_the_city["heritage"])
            case "sd":
                return f"SD Negeri 0608{draw.randint(10, 99)}"
            case "smp":
                return f"SMP Negeri {draw.randint(1, 45)}"
            case "bulan":
                return f"{MONTHS[day.month - 1]} {day.year}"
            case "triwulan":
                return f"{QUARTERS[(day.month - 1) // 3]} {day.year}"
            case "tahun":
                return str(day.year)
            case _:
                low, separator, high = slot.partition("-")
                if not separator:
                    raise KeyError(slot)
                return str(draw.randint(int(low), int(high)))
