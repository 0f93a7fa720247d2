"""Organisations, appointments, accounts and programmes: what administrators may do, and only they."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rules import account as accounts
from server.rules import appointment as appointments
from server.rules import organisation as organisations
from server.rules import programme as programmes
from server.rules.aggregates import offered_on
from server.rules.appointment import AppointmentFacts, overlaps
from server.rules.organisation import OrganisationKind
from server.rules.programme import ProgrammeInFull
from server.rules.refusal import Code
from server.rules.viewer import Capacity, Role
from tests.rules.known import ADMIN, DLH, EVERYBODY, JOHOR, NOW, STAFF, TODAY, account, code, organisation, uid, why

KECAMATAN = organisation(OrganisationKind.KECAMATAN, id=JOHOR)
HELD = AppointmentFacts(capacity=Capacity.DEFINITIVE, valid_from=date(2025, 3, 1))
RUNNING = ProgrammeInFull(valid_from=date(2025, 2, 20), valid_to=None, name="Medan Bersih", lead_id=DLH)


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        *((may, organisation()) for may in organisations.ORGANISATION.rules.values()),
        *((may, HELD) for may in appointments.APPOINTMENT.rules.values()),
        (appointments.may_appoint, organisation()),
        (accounts.may_create_account, organisation()),
        *((may, account()) for verb, may in accounts.ACCOUNT.rules.items() if verb != "enableAccount"),
        (accounts.may_enable_account, account(is_active=False)),
        *((may, RUNNING) for may in programmes.PROGRAMME.rules.values()),
    ],
)  # fmt: skip
def test_only_administrators_administer(rule: Any, facts: Any) -> None:
    """“ADMIN: accounts, organisations, appointments, programmes, days; sees no case”"""
    for each in EVERYBODY:
        assert code(rule, each, facts, TODAY) is (None if each is ADMIN else Code.NOT_YOUR_ROLE)


def test_nobody_appoints_or_promotes_themselves_or_makes_a_way_to_sign_in_for_their_own_account() -> None:
    """“Nobody appoints or promotes themselves, or makes a way to sign in for their own account: another administrator
    does.”
    """
    own = account(id=ADMIN.account_id, role=Role.ADMIN)
    assert code(accounts.ACCOUNT.rules["makePasswordLink"], ADMIN, own, TODAY) is Code.OWN_ACCOUNT
    for patch, path in (({"role": Role.MAYOR}, "role"), ({"organisation_id": JOHOR}, "organisation")):
        told = why(accounts.update_account, ADMIN, own, patch, organisation(id=JOHOR), False, TODAY)
        assert told == (Code.OWN_ACCOUNT, (path,))
    lower = {"role": Role.STAFF}
    assert accounts.update_account(ADMIN, own, lower, None, False, TODAY) == lower  # type: ignore[arg-type]
    same = {"role": Role.ADMIN, "organisation_id": own.organisation_id, "name": "Siti R."}
    assert accounts.update_account(ADMIN, own, same, None, False, TODAY) == {"name": "Siti R."}  # type: ignore[arg-type]
    new = AppointmentFacts(capacity=Capacity.PLH, valid_from=TODAY)
    told = why(appointments.appoint, ADMIN, organisation(), own, new, None, (), TODAY)
    assert told == (Code.OWN_ACCOUNT, ("accountId",))


def test_only_administrators_create() -> None:
    for verb in ("createOrganisation", "createProgramme"):
        may = offered_on("Viewer")[verb]
        assert [each for each in EVERYBODY if code(may, each, TODAY) is None] == [ADMIN]


# ---- organisations ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "named", "expected"),
    [
        (OrganisationKind.OPD, {}, None),
        (OrganisationKind.KELURAHAN, {"parent": KECAMATAN}, None),
        (OrganisationKind.KELURAHAN, {}, (Code.REQUIRED, ("parent",))),
        (OrganisationKind.KELURAHAN, {"parent": organisation()}, (Code.WRONG_KIND, ("parent",))),
        (OrganisationKind.OPD, {"parent": KECAMATAN}, (Code.WRONG_KIND, ("parent",))),
        (OrganisationKind.MAYORS_OFFICE, {}, (Code.MALFORMED, ("code",))),
        (OrganisationKind.OPD, {"code": "WALIKOTA"}, (Code.MALFORMED, ("code",))),
        (OrganisationKind.OPD, {"code": "dlh"}, (Code.MALFORMED, ("code",))),
        (OrganisationKind.OPD, {"taken": True}, (Code.ALREADY_EXISTS, ("code",))),
        (OrganisationKind.OPD, {"valid_from": date(1899, 12, 31)}, (Code.OUT_OF_RANGE, ("validFrom",))),
    ],
)
def test_an_organisation_is_created_whole(kind: OrganisationKind, named: dict[str, Any], expected: Any) -> None:
    told = why(
        organisations.create_organisation, ADMIN, kind, named.get("code", "12.71.22"), "Nama", "N", named.get("parent"),
        named.get("valid_from", TODAY), named.get("taken", False), TODAY,
    )  # fmt: skip
    assert told == expected


@pytest.mark.parametrize(
    ("ends_on", "successor", "expected"),
    [
        (TODAY, None, None),
        (TODAY, organisation(id=JOHOR), None),
        (TODAY, organisation(), (Code.WRONG_ORGANISATION, ("successor",))),
        (TODAY, KECAMATAN, (Code.WRONG_KIND, ("successor",))),
        (TODAY, organisation(id=JOHOR, valid_to=TODAY), (Code.ORGANISATION_ENDED, ("successor",))),
        (date(2020, 12, 31), None, (Code.OUT_OF_RANGE, ("validTo",))),
    ],
)
def test_an_organisation_ends_on_a_day_with_a_successor_of_its_kind(
    ends_on: date, successor: Any, expected: Any
) -> None:
    assert why(organisations.end_organisation, ADMIN, organisation(), ends_on, successor, TODAY) == expected


def test_an_end_to_come_may_be_set_anew_but_not_one_that_came() -> None:
    assert code(organisations.may_end_organisation, ADMIN, organisation(valid_to=TODAY + timedelta(1)), TODAY) is None
    assert (
        code(organisations.may_end_organisation, ADMIN, organisation(valid_to=TODAY), TODAY) is Code.ORGANISATION_ENDED
    )
    office = organisation(OrganisationKind.MAYORS_OFFICE)
    assert code(organisations.may_end_organisation, ADMIN, office, TODAY) is Code.MAYORS_OFFICE_STAYS


# ---- appointments -------------------------------------------------------------------------------------------------


def appointed(new: AppointmentFacts, others: list[AppointmentFacts], **named: Any) -> Any:
    return appointments.appoint(ADMIN, organisation(), account(**named), new, None, others, TODAY)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (replace(HELD, valid_from=TODAY), (Code.OVERLAPPING, ("validFrom",))),
        (replace(HELD, valid_from=TODAY, capacity=Capacity.PLH), None),
        (replace(HELD, valid_from=date(2024, 1, 1), valid_to=date(2025, 2, 28)), None),
        (replace(HELD, valid_from=date(2024, 1, 1), valid_to=date(2025, 3, 1)), (Code.OVERLAPPING, ("validFrom",))),
        (replace(HELD, valid_from=TODAY, valid_to=TODAY - timedelta(1)), (Code.OUT_OF_RANGE, ("validTo",))),
    ],
)
def test_an_office_is_held_by_one_at_a_time_in_each_capacity(new: AppointmentFacts, expected: Any) -> None:
    assert why(appointed, new, [HELD]) == expected


def test_offices_are_held_by_people_who_can_sign_in() -> None:
    """“INTEGRATION (a service account): through a token what its scopes open, for its organisation or for the city;
    never sees a case, never holds an office”
    """
    assert why(appointed, HELD, [], is_active=False) == (Code.ACCOUNT_DISABLED, ("accountId",))
    assert why(appointed, HELD, [], role=Role.INTEGRATION) == (Code.WRONG_KIND, ("accountId",))


def test_an_appointment_that_has_ended_stays_ended() -> None:
    over = replace(HELD, valid_to=TODAY - timedelta(1))
    assert code(appointments.may_end_appointment, ADMIN, over, TODAY) is Code.ALREADY_ENDED
    assert appointments.end_appointment(ADMIN, HELD, TODAY, [], TODAY) == {"valid_to": TODAY}
    next_one = replace(HELD, valid_from=TODAY + timedelta(30))
    short = replace(HELD, valid_to=TODAY)
    assert appointments.end_appointment(ADMIN, short, TODAY + timedelta(29), [next_one], TODAY)
    longer = why(appointments.end_appointment, ADMIN, short, TODAY + timedelta(30), [next_one], TODAY)
    assert longer == (Code.OVERLAPPING, ("validTo",))
    assert why(appointments.end_appointment, ADMIN, HELD, date(2025, 1, 1), [], TODAY) == (
        Code.OUT_OF_RANGE,
        ("validTo",),
    )


PERIODS = st.tuples(st.dates(date(2026, 1, 1), date(2026, 2, 1)), st.one_of(st.none(), st.integers(0, 20))).map(
    lambda pair: (pair[0], None if pair[1] is None else pair[0] + timedelta(pair[1]))
)


@given(PERIODS, PERIODS)
def test_periods_overlap_exactly_when_they_share_a_day(one: Any, other: Any) -> None:
    def days(period: Any) -> set[date]:
        last = period[1] or date(2026, 12, 31)
        return {period[0] + timedelta(n) for n in range((last - period[0]).days + 1)}

    assert overlaps(one, other) == overlaps(other, one) == bool(days(one) & days(other))


# ---- accounts -----------------------------------------------------------------------------------------------------


def test_the_last_administrator_stays() -> None:
    """“There is always one active administrator.”"""
    last = account(role=Role.ADMIN, is_last_administrator=True)
    assert code(accounts.disable_account, ADMIN, last, TODAY) is Code.LAST_ADMINISTRATOR
    demoted = why(accounts.update_account, ADMIN, last, {"role": Role.STAFF}, None, False, TODAY)
    assert demoted == (Code.LAST_ADMINISTRATOR, ("role",))
    assert accounts.update_account(ADMIN, last, {"name": "Baru"}, None, False, TODAY) == {"name": "Baru"}


def test_everyone_signs_themselves_out_everywhere() -> None:
    own = account(id=STAFF.account_id)
    assert code(accounts.may_sign_out_everywhere, STAFF, own, TODAY) is None


@pytest.mark.parametrize("login", ["camat-medan-johor", "kepala-dlh", "staf-12.71.01", "a"])
def test_a_login_is_small_letters_and_digits(login: str) -> None:
    made = accounts.create_account(ADMIN, organisation(), login, "Rina", None, Role.STAFF, False, TODAY)
    assert made["login"] == login


@pytest.mark.parametrize(
    "login", ["Camat", "camat--johor", "-camat", "camat johor", "", None, "x" * 101, "camat@medan"]
)
def test_a_malformed_or_taken_login_is_refused(login: str | None) -> None:
    told = why(accounts.create_account, ADMIN, organisation(), login, "Rina", None, Role.STAFF, False, TODAY)
    assert told is not None
    assert told[1] == ("login",)
    taken = why(accounts.create_account, ADMIN, organisation(), "camat", "Rina", None, Role.STAFF, True, TODAY)
    assert taken == (Code.ALREADY_EXISTS, ("login",))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("camat", "camat"),
        ("  Camat\t", "camat"),
        (" " * 300 + "x" * 100, "x" * 100),
        ("x" * 101, None),
        ("İ" * 50, None),
        ("", None),
        ("camat\0", None),
    ],
)
def test_at_the_door_a_login_is_bounded_as_it_is_compared(typed: str, meant: str | None) -> None:
    assert accounts.known_login(typed) == meant


def test_a_refresh_is_repeated_for_a_minute_or_under_its_own_key() -> None:
    minute, later = NOW + timedelta(seconds=60), NOW + timedelta(seconds=60, microseconds=1)
    assert accounts.may_repeat_refresh(NOW, minute, is_same_key=False)
    assert not accounts.may_repeat_refresh(NOW, later, is_same_key=False)
    assert accounts.may_repeat_refresh(NOW, later, is_same_key=True)


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("hujan-di-deli-tua", None),
        ("sebelas-kar", Code.OUT_OF_RANGE),
        ("x" * 201, Code.OUT_OF_RANGE),
        ("", Code.REQUIRED),
        ("aaaaaaaaaaaaaaaa", Code.MALFORMED),
        ("camat-medan-johor", Code.MALFORMED),
        ("Camat-Medan-Johor", Code.MALFORMED),
    ],
)
def test_a_password_is_long_and_not_the_login(password: str, expected: Code | None) -> None:
    assert code(accounts.password, password, "camat-medan-johor", "password") is expected


# ---- programmes ---------------------------------------------------------------------------------------------------


def test_a_programme_is_led_by_an_agency_and_ends_once() -> None:
    def made(lead: Any) -> Any:
        return programmes.create_programme(ADMIN, "UMKM", "UMKM", lead, TODAY, None, False, TODAY)

    assert made(organisation())["lead_id"] == DLH
    assert why(made, KECAMATAN) == (Code.WRONG_KIND, ("lead",))
    assert why(made, organisation(valid_to=TODAY)) == (Code.ORGANISATION_ENDED, ("lead",))
    assert programmes.end_programme(ADMIN, RUNNING, TODAY, TODAY) == {"valid_to": TODAY}
    over = replace(RUNNING, valid_to=TODAY - timedelta(1))
    assert code(programmes.end_programme, ADMIN, over, TODAY, TODAY) is Code.ALREADY_ENDED
    assert programmes.update_programme(ADMIN, RUNNING, {"lead_id": uid(9)}, organisation(id=uid(9)), TODAY) == {
        "lead_id": uid(9)
    }
