"""What becomes of requests: for each fate its moves in order, and how many of a hundred have it."""

from collections.abc import Mapping
from dataclasses import dataclass

# A move of RequestYear's, and the fewest and most working days after the one before.
Move = tuple[str, int, int]

ACCEPTED: Move = ("accept", 1, 3)
DELIVERED: Move = ("deliver", 4, 12)
CONFIRMED: Move = ("confirm", 1, 7)
KEPT = (DELIVERED, CONFIRMED)


@dataclass(frozen=True, slots=True)
class Fate:
    """`age`: fewest and most working days since the last move; `offers`: how many of a hundred offers have it.

    `is_late`: the promised day has passed, or is about to. `is_patient`: the starter gave a longer time to answer.
    """

    moves: tuple[Move, ...]
    age: tuple[int, int]
    needs: float
    offers: float = 0.0
    is_late: bool = False
    is_patient: bool = False
    is_mistaken: bool = False  # asked of somebody who is not responsible


FATES: Mapping[str, Fate] = {
    # not answered yet
    "running": Fate((), (1, 2), 6, 10),
    "patient": Fate((), (1, 6), 2, 3, is_patient=True),
    "lapsed": Fate((), (5, 40), 6, 12),
    "asked back": Fate((("ask", 1, 2),), (1, 2), 2),
    "asked twice": Fate((("ask", 1, 2), ("tell", 1, 2), ("ask", 1, 1)), (1, 2), 1),
    "asked back in vain": Fate((("ask", 1, 2),), (8, 30), 1),
    "redirected": Fate((("redirect", 1, 3),), (1, 2), 2, is_mistaken=True),
    "objected": Fate((("redirect", 1, 3), ("object", 1, 2)), (1, 8), 1, is_mistaken=True),
    "redirected twice": Fate((("redirect", 1, 3), ("redirect_on", 1, 3)), (1, 8), 1, is_mistaken=True),
    "countered": Fate((("counter", 1, 3),), (1, 7), 4, 4),
    # answered
    "declined": Fate((("decline", 1, 3),), (1, 120), 6, 8),
    "declined after a question": Fate((("ask", 1, 2), ("tell", 1, 2), ("decline", 1, 2)), (2, 90), 2),
    "counter left": Fate((("counter", 1, 3),), (12, 70), 1.5, 2),
    "counter refused": Fate((("counter", 1, 3), ("refuse_counter", 1, 4)), (1, 2), 1),
    "promised": Fate((ACCEPTED,), (1, 12), 9, 10),
    "promised late": Fate((("accept", 5, 9),), (1, 10), 2),
    "overdue": Fate((ACCEPTED,), (12, 35), 3, is_late=True),
    "new date asked": Fate((ACCEPTED, ("propose", 3, 6)), (1, 5), 2),
    "new date agreed": Fate((ACCEPTED, ("propose", 3, 6), ("agree", 1, 3)), (1, 6), 2, 2),
    "new date refused": Fate((ACCEPTED, ("propose", 3, 6), ("refuse_date", 1, 3)), (1, 6), 1),
    "counter accepted": Fate((("counter", 1, 3), ("accept_counter", 1, 6)), (1, 10), 2),
    "taken up": Fate((ACCEPTED, DELIVERED, ("dispute", 1, 5), ("resume", 1, 4)), (1, 6), 1),
    "assigned": Fate((("redirect", 1, 3), ("object", 1, 2), ("assign", 2, 5)), (1, 2), 0.75, is_mistaken=True),
    # delivered
    "delivered by the clock": Fate((ACCEPTED, ("finish", 4, 12)), (8, 14), 1.5),
    "delivered": Fate((ACCEPTED, DELIVERED), (1, 8), 5, 6),
    "disputed": Fate((ACCEPTED, DELIVERED, ("dispute", 1, 6)), (1, 12), 3, 1),
    # over
    "confirmed": Fate((ACCEPTED, *KEPT), (0, 170), 14, 22),
    "confirmed by silence": Fate((ACCEPTED, DELIVERED), (12, 150), 5, 12),
    "confirmed after a question": Fate((("ask", 1, 2), ("tell", 1, 3), ACCEPTED, *KEPT), (0, 150), 3),
    "confirmed after a late answer": Fate((("accept", 5, 9), *KEPT), (0, 150), 3),
    "confirmed on other terms": Fate((("counter", 1, 3), ("accept_counter", 1, 6), *KEPT), (0, 150), 3, 4),
    "confirmed after a refused counter": Fate(
        (("counter", 1, 3), ("refuse_counter", 1, 4), ("accept", 1, 3), *KEPT), (0, 120), 1.5
    ),
    "confirmed after a refusal": Fate((("decline", 1, 3), ("accept", 2, 8), *KEPT), (0, 120), 1.5),
    "confirmed after a redirect": Fate((("redirect", 1, 3), ACCEPTED, *KEPT), (0, 120), 2, is_mistaken=True),
    "confirmed after a ruling": Fate(
        (("redirect", 1, 3), ("redirect_on", 1, 3), ("assign", 2, 5), ACCEPTED, *KEPT), (0, 110), 1, is_mistaken=True
    ),
    "confirmed at the second try": Fate(
        (ACCEPTED, DELIVERED, ("dispute", 1, 5), ("resume", 1, 3), ("deliver", 3, 8), ("confirm", 1, 5)), (0, 100), 1.5
    ),
    "confirmed though disputed": Fate((ACCEPTED, DELIVERED, ("dispute", 1, 5), ("confirm", 3, 9)), (0, 100), 1),
    "withdrawn": Fate((("withdraw", 1, 6),), (1, 120), 1.5, 2),
    "withdrawn after all": Fate((ACCEPTED, ("withdraw", 2, 6)), (3, 100), 1.5, 1),
}

# What each of several that are asked at once does; told from the day of asking as far as time allows.
JOINT_MOVES: Mapping[tuple[Move, ...], float] = {
    (ACCEPTED, ("deliver", 4, 7), CONFIRMED): 0.5,
    (ACCEPTED, ("deliver", 4, 7)): 0.2,
    (("decline", 1, 3),): 0.12,
    (("accept", 5, 6), ("deliver", 2, 3), CONFIRMED): 0.1,
    (): 0.08,
}
JOINT = 0.1  # of all requests; three or four at once
OFFERS = 0.17
