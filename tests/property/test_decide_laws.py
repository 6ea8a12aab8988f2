"""Whatever people, the clock and other offices do, in any order: no case is lost, torn or guessed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.property.deciding import PATHWAYS, Chance, Walk


@given(name=st.sampled_from(PATHWAYS), seed=st.integers(0, 2**32))
def test_no_order_of_events_breaks_a_law(name: str, seed: int) -> None:
    walk = Walk(name, Chance(seed))
    for _ in range(120):
        walk.step()
    walk.case_of_record()


class Casework(RuleBasedStateMachine):
    """The same walk, a step at a time, so that a failure is brought down to the few steps that matter."""

    walk: Walk | None = None

    @initialize(name=st.sampled_from(PATHWAYS), seed=st.integers(0, 1000))
    def open(self, name: str, seed: int) -> None:
        self.walk = Walk(name, Chance(seed))

    @precondition(lambda self: self.walk is not None)
    @rule(kind=st.sampled_from(Walk.STEPS), seed=st.integers(0, 100_000))
    def something_happens(self, kind: str, seed: int) -> None:
        assert self.walk is not None
        self.walk.chance = Chance(seed)
        self.walk.step(kind)

    def teardown(self) -> None:
        if self.walk is not None:
            self.walk.case_of_record()


TestCasework = Casework.TestCase
TestCasework.settings = settings(settings(), stateful_step_count=40)


@given(
    late=st.lists(st.integers(1, 40 * 1440), min_size=1, max_size=4),
    name=st.sampled_from(["timing", "ladders", "outcomes", "asking", "parent", "child"]),
    event=st.sampled_from(
        ["", "weekly", "grid", "stages", "times", "early", "hours", "standard", "hourly", "send"]
    ),
)
def test_waking_late_once_climbs_every_rung_exactly_once(late: list[int], name: str, event: str) -> None:
    in_time, at_last = Walk(name, Chance(0)), Walk(name, Chance(0))
    for walk in (in_time, at_last):
        walk.fire_if_offered(event)
    until = in_time.now
    for minutes in late:
        until += walk.minutes(minutes)
        in_time.wake_through(until)
    at_last.now = until
    at_last.wake()
    assert at_last.climbed() == in_time.climbed()
    assert at_last.fallen_due() == in_time.fallen_due()
    assert {each.number for each in at_last.live()} == {each.number for each in in_time.live()}
