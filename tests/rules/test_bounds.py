"""The bounds of inputs: what fits its column passes unchanged, the rest is refused by name."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rules import bounds
from server.rules.refusal import Code
from tests.rules.known import code, why


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_an_amount_passes_exactly_when_numeric_18_4_holds_it(value: Decimal) -> None:
    if not value.is_finite():
        assert code(bounds.amount, value, "value") is Code.MALFORMED
        return
    with localcontext(prec=100_000):
        whole = value * 10_000
        fits = abs(whole) < 10**18 and whole == whole.to_integral_value()
    assert code(bounds.amount, value, "value") is (None if fits else Code.OUT_OF_RANGE)
    if fits:
        assert bounds.amount(value, "value") == value


@pytest.mark.parametrize("value", ["1E+999999", "1E-999999", "9" * 40, "0." + "0" * 30 + "1"])
def test_an_amount_of_any_size_is_refused_and_no_fault(value: str) -> None:
    assert why(bounds.amount, Decimal(value), "value") == (Code.OUT_OF_RANGE, ("value",))


def test_zero_has_no_sign_and_trailing_zeros_do_not_count() -> None:
    assert str(bounds.amount(Decimal("-0.00000"))) == "0"
    assert bounds.amount(Decimal("1.500000000")) == Decimal("1.5")
    assert bounds.amount(Decimal("1E+3")) == 1000


@given(st.text(max_size=40))
def test_a_text_is_trimmed_bounded_and_storable(value: str) -> None:
    told = code(bounds.text, value, 20, "title")
    if told is None:
        assert 1 <= len(bounds.text(value, 20, "title")) <= 20
        bounds.text(value, 20, "title").encode()
    else:
        assert told in (Code.REQUIRED, Code.TOO_LONG, Code.MALFORMED)


@pytest.mark.parametrize("value", ["12.71", "12.71.01.1001", "DLH", "PUD-PASAR"])
def test_the_citys_codes_are_codes(value: str) -> None:
    assert bounds.code(value, "code") == value


@pytest.mark.parametrize("value", ["dlh", "D LH", ".71", "12..71", "D/H", "É"])
def test_what_is_no_code_is_refused(value: str) -> None:
    assert why(bounds.code, value, "code") == (Code.MALFORMED, ("code",))
