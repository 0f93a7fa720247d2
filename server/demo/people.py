"""Invented people with names as they are heard in Medan; no office holder, past or present, is meant."""

from random import Random

# First names of men, of women, and family names that go with them: each community's own, weighted as the city is mixed.
COMMUNITIES: tuple[tuple[int, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (
        30,  # Toba and Simalungun
        ("Parlindungan", "Hotman", "Tumpal", "Saut", "Jonggi", "Binsar", "Rudolf", "Marojahan", "Edison", "Togar"),
        ("Rotua", "Tiurma", "Lamria", "Duma", "Hotnida", "Debora", "Ester", "Natalia", "Rosmawati", "Pestaria"),
        (
            *("Simatupang", "Sihombing", "Hutapea", "Manullang", "Sinaga", "Panggabean", "Tampubolon", "Napitupulu"),
            *("Lumbantoruan", "Pardede", "Saragih", "Damanik", "Purba", "Siagian", "Marpaung", "Hutauruk"),
        ),
    ),
    (
        20,  # Mandailing and Angkola
        ("Ramli", "Syahrul", "Mahyuddin", "Khairul", "Zulfikri", "Ridwan", "Anwar", "Sutan", "Faisal", "Hamonangan"),
        ("Masniari", "Nurhayati", "Roslina", "Siti Aminah", "Delima", "Nur Hasanah", "Hafni", "Yusrah", "Annisa"),
        ("Siregar", "Daulay", "Rangkuti", "Pulungan", "Batubara", "Hasibuan", "Dalimunthe", "Ritonga", "Pohan"),
    ),
    (
        10,  # Karo
        ("Daniel", "Andreas", "Petrus", "Immanuel", "Robert", "Jusuf", "Simon", "Elias"),
        ("Maria", "Veronika", "Lina", "Susanna", "Ribka", "Nomi", "Evi", "Seriulina"),
        ("Ginting", "Tarigan", "Sembiring", "Perangin-angin", "Karo-karo", "Bangun", "Sitepu", "Barus"),
    ),
    (
        16,  # Melayu, Minang and Aceh
        ("Irwansyah", "Hendra", "Taufik", "Rizal", "Hasan", "Syafrizal", "Fachruddin", "Amirul", "Tengku Iskandar"),
        ("Fatimah", "Halimah", "Rahmawati", "Yusnidar", "Zuraidah", "Maimunah", "Laila", "Nurul Huda", "Cut Meutia"),
        ("Tanjung", "Piliang", "Chaniago", "Koto", "Sikumbang", "Syahputra", "Al-Haddad", "Hamzah", "Usman"),
    ),
    (
        18,  # Jawa
        ("Sugeng", "Bambang", "Slamet", "Agus", "Wahyu", "Teguh", "Joko", "Suparman", "Edy", "Yudi"),
        ("Sri Wahyuni", "Endang", "Suryani", "Wulandari", "Retno", "Kartika", "Indah", "Ratna", "Puspita", "Yulianti"),
        ("Wibowo", "Santoso", "Prasetyo", "Suryadi", "Hidayat", "Kurniawan", "Setiawan", "Nugroho", "Lestari", "Utomo"),
    ),
    (
        4,  # Tionghoa
        ("Budiman", "Hendrik", "Kevin", "Sudirman", "Eddy", "Johan"),
        ("Mei Ling", "Susanti", "Yulia", "Lily", "Vivian", "Merry"),
        ("Tanoto", "Halim", "Gunawan", "Chandra", "Wijaya", "Salim", "Lim"),
    ),
    (
        2,
        ("Rajen", "Kumar", "Suresh", "Ganesan"),
        ("Kavitha", "Devi", "Shanti", "Meena"),
        ("Pillai", "Naidu", "Subramaniam"),
    ),
)
MIDDLE = ("", "", "", "Hadi", "Surya", "Maruli", "Aman", "Bakti", "Jaya", "Parulian", "Arif")
DEGREES = ("S.Sos.", "S.E.", "S.H.", "S.T.", "S.Kom.", "S.Pd.", "S.IP.", "S.STP.", "S.KM.")
HIGHER = ("M.Si.", "M.AP.", "M.M.", "M.T.", "M.H.", "M.Kes.", "M.Pd.")


class People:
    """Draws names, none twice while there are new ones."""

    def __init__(self, draw: Random) -> None:
        self._draw = draw
        self._taken: set[str] = set()

    def head(self) -> str:
        """A name with the degrees of a head of office."""
        return f"{self._name()}, {self._draw.choice(DEGREES)}, {self._draw.choice(HIGHER)}"

    def officer(self) -> str:
        """A name of somebody of the staff."""
        return f"{self._name()}, {self._draw.choice(DEGREES)}"

    def _name(self) -> str:
        weights = [weight for weight, *_ in COMMUNITIES]
        name = ""
        for _ in range(100):
            _, men, women, families = self._draw.choices(COMMUNITIES, weights)[0]
            first = self._draw.choice(men if self._draw.random() < 0.55 else women)
            middle = self._draw.choice(MIDDLE) if first in men else ""
            name = " ".join(part for part in (first, middle, self._draw.choice(families)) if part)
            if name not in self._taken:
                break
        self._taken.add(name)
        return name
