"""Who waits for whom: counted by one side, and the longest chain."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from server.rules.wait import Link, WaitCount, WaitKind, WaitSide, longest_chain, wait_groups

A, B, C = (UUID(int=number) for number in (1, 2, 3))
DAY, OTHER = date(2026, 6, 1), date(2026, 6, 10)


def test_groups_say_how_many_of_each_kind_and_how_old_and_the_most_waited_for_comes_first() -> None:
    counts = [
        WaitCount(WaitKind.ANSWER, B, A, DAY, 2),
        WaitCount(WaitKind.TASK, B, C, OTHER, 1),
        WaitCount(WaitKind.ORDER, A, C, OTHER, 3),
    ]
    first, second = wait_groups(counts, WaitSide.HOLDER, lambda day: {DAY: 9, OTHER: 2}[day])
    assert (first.organisation_id, first.count, first.working_days, first.longest) == (B, 3, 20, 9)
    assert dict(first.kinds) == {WaitKind.ANSWER: 2, WaitKind.TASK: 1}
    assert (second.organisation_id, second.count, second.working_days, second.longest) == (A, 3, 6, 2)
    by_waiter = wait_groups(counts, WaitSide.WAITER, lambda day: 1)
    assert [(each.organisation_id, each.count) for each in by_waiter] == [(C, 4), (A, 2)]


def crossed(chain: tuple[UUID, ...], whose: Mapping[UUID, UUID]) -> tuple[int, int]:
    return sum(whose[one] != whose[two] for one, two in pairwise(chain)), len(chain) - 1


def every_chain(links: set[Link], chain: tuple[UUID, ...]) -> list[tuple[UUID, ...]]:
    after = [other for waiting, other in links if waiting == chain[-1]]
    return [chain, *(longer for other in after for longer in every_chain(links, (*chain, other)))]


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda link: link[0] < link[1]), max_size=12),
       st.lists(st.integers(0, 2), min_size=7, max_size=7))  # fmt: skip
def test_no_chain_goes_through_more_organisations_than_the_longest(
    pairs: set[tuple[int, int]], owners: list[int]
) -> None:
    links = {(UUID(int=one), UUID(int=two)) for one, two in pairs}
    whose = {UUID(int=number): UUID(int=owner) for number, owner in enumerate(owners)}
    found = tuple(longest_chain(links, whose))
    assert all(link in links for link in pairwise(found))
    chains = [each for start in whose for each in every_chain(links, (start,))]
    best = max(crossed(each, whose) for each in chains)
    assert (crossed(found, whose) == best) if best[0] else found == ()


@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=14))
def test_circles_end(pairs: set[tuple[int, int]]) -> None:
    links = {(UUID(int=one), UUID(int=two)) for one, two in pairs}
    found = longest_chain(links, {UUID(int=number): UUID(int=number) for number in range(6)})
    assert len(set(found)) == len(found)
