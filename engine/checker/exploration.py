"""Everywhere that a case can come to, whatever its facts: every guard may hold or not.

The chart's rules are followed on bit masks of active states, so that the
combinations of parallel regions can be walked one by one. What this walks is
never less than what a case can do: two guards that exclude each other are
allowed to hold together. Held against the chart itself by a property test.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from engine.checker.arrow import (
    CHOICES_MAX,
    CONFIGURATIONS_MAX,
    STEPS_MAX,
    Arrow,
    Edge,
    History,
    Pick,
    Rules,
    domain_of,
    mask_of,
    masks_below,
)
from engine.core.pathway.chart_spec import FINISHED_PREFIX, HISTORIES, Node, StateKind


class Exploration:
    """All resting configurations that can be reached, and how.

    `masks[i]` are the active states of configuration number i, as bits of
    their numbers in document order. Configurations are numbered in order of
    distance from the opening.
    """

    def __init__(
        self, nodes: tuple[Node, ...], rules: Rules, begins: Iterable[str], tellable: Mapping[str, int],
        *, most: int = CONFIGURATIONS_MAX,
    ) -> None:  # fmt: skip
        """Walk from the states `begins`, through `most` configurations at the most.

        `tellable` gives, for each event that the engine tells, the mask of the
        states in which it can come; the bit after the last state stands for all.
        """
        self._most = most
        self._steps = 0
        self.nodes = nodes
        self._tellable = tellable
        self._bits = {node.spec.id: 1 << node.ordinal for node in nodes}
        self._below = masks_below(nodes)
        self._histories = [node for node in nodes if node.spec.kind in HISTORIES]
        self._slots = {node.ordinal: slot for slot, node in enumerate(self._histories)}
        self._ends = mask_of(
            node for node in nodes if node.parent is None and node.spec.kind is StateKind.FINAL
        )
        self._leaves_mask = mask_of(
            node for node in nodes if node.spec.kind in (StateKind.ATOMIC, StateKind.FINAL)
        )
        self.arrows: list[Arrow] = []
        self._heard: dict[int, dict[str | None, tuple[Pick, bool]]] = {}
        self._attach(rules)
        self._entries: dict[tuple[int, int, History], tuple[int, tuple[Node, ...]]] = {}
        self._leaf_lists: dict[int, tuple[int, ...]] = {}
        self.masks: list[int] = []
        self.remembered: list[History] = []
        self.came: list[tuple[int, str] | None] = []
        self.edges: list[Edge] = []
        self.seen = 0
        self._taken: set[int] = set()
        self.complete = True
        self._passed: dict[int, int] = {}
        self.silent_steps: dict[tuple[int, History], dict[tuple[Pick, tuple[int, History]], None]] = {}
        self._number: dict[tuple[int, History], int] = {}
        self._walk(begins)
        self.used = frozenset(self.arrows[number].spec.id for number in self._taken)

    # --- asking

    def bit(self, state: str) -> int:
        """The mask of one state; 0 for a state that the chart does not have."""
        return self._bits.get(state, 0)

    def is_end(self, number: int) -> bool:
        """Whether a case that rests here is closed."""
        return bool(self.masks[number] & self._ends)

    def names(self, mask: int) -> tuple[str, ...]:
        """The states of a mask, in document order."""
        return tuple(node.spec.id for node in self.nodes if mask >> node.ordinal & 1)

    def leaves(self, mask: int) -> tuple[str, ...]:
        """The innermost active states."""
        return tuple(self.nodes[leaf].spec.id for leaf in self._leaf_list(mask))

    def centre(self, number: int) -> str:
        """The one state that says best where the case is: its leaf, or what holds all its leaves."""
        leaves = [self.nodes[leaf] for leaf in self._leaf_list(self.masks[number])]
        if len(leaves) == 1:
            return leaves[0].spec.id
        shared = set.intersection(*({node.ordinal for node in leaf.ancestors()} for leaf in leaves))
        return self.nodes[max(shared)].spec.id

    def path(self, number: int) -> tuple[str, ...]:
        """The shortest way here: states and events in turn."""
        steps: list[str] = []
        at: int | None = number
        while at is not None:
            steps.append("+".join(self.leaves(self.masks[at])))
            before = self.came[at]
            at = None
            if before is not None:
                at, event = before
                steps.append(event)
        return tuple(reversed(steps))

    def resting_before(self, mask: int) -> int | None:
        """The nearest configuration from which a step passes through a mask, or rests in it."""
        return self._passed.get(mask)

    def hears(self, number: int, event: str) -> bool:
        """Whether an event that comes here could move anything."""
        return any(event in self._heard[leaf] for leaf in self._leaf_list(self.masks[number]))

    def picks(self, number: int, event: str | None) -> list[Pick]:
        """The sets of transitions that an event could take here; an empty one where none may hold."""
        return self._choices(self.masks[number], event)

    def events(self, number: int) -> tuple[str, ...]:
        """The events that could come here and be heard."""
        return tuple(event for event in self._events(self.masks[number]))

    # --- walking

    def _walk(self, begins: Iterable[str]) -> None:
        waiting: deque[int] = deque()
        blank: History = (0,) * len(self._histories)
        for state in begins:
            entered, finals = self._entry(self.nodes_by_name()[state], None, blank)
            for rest in self._rest(entered, blank, self._finished(finals, entered)):
                self._arrive(rest, None, waiting)
        while waiting:
            if self._steps > STEPS_MAX:
                self.complete = False
                return
            number = waiting.popleft()
            mask, history = self.masks[number], self.remembered[number]
            for event in self._events(mask):
                for pick in self._choices(mask, event):
                    if not pick:
                        continue
                    self._taken.update(pick)
                    moved, kept, told = self._microstep(mask, history, pick)
                    self._passed.setdefault(moved, number)
                    for rest in self._rest(moved, kept, told):
                        end = self._arrive(rest, (number, event), waiting)
                        if end is not None:
                            self.edges.append(Edge(number, event, pick, end))

    def nodes_by_name(self) -> dict[str, Node]:
        """The nodes of the chart by name."""
        return {node.spec.id: node for node in self.nodes}

    def _arrive(
        self, rest: tuple[int, History], came: tuple[int, str] | None, waiting: deque[int]
    ) -> int | None:
        number = self._number.get(rest)
        if number is not None:
            return number
        if len(self.masks) >= self._most:
            self.complete = False
            return None
        number = self._number[rest] = len(self.masks)
        self.masks.append(rest[0])
        self.remembered.append(rest[1])
        self.came.append(came)
        self.seen |= rest[0]
        if not rest[0] & self._ends:
            waiting.append(number)
        return number

    def _events(self, mask: int) -> dict[str, None]:
        found: dict[str, None] = {}
        for leaf in self._leaf_list(mask):
            for event in self._heard[leaf]:
                if event is None or event.startswith(FINISHED_PREFIX):
                    continue
                if "." not in event or self._tellable.get(event, 0) & (mask | 1 << len(self.nodes)):
                    found[event] = None
        return found

    def _rest(self, mask: int, history: History, told: tuple[str, ...]) -> Iterator[tuple[int, History]]:
        """Follow eventless and finished transitions to every configuration in which a case can rest."""
        if not self._has_silent and not told:
            self.seen |= mask
            self._steps += 1
            yield mask, history
            return
        begun = (mask, history, told)
        stack, known = [begun], {begun}
        while stack:
            mask, history, told = stack.pop()
            self._steps += 1
            self.seen |= mask
            if mask & self._ends:
                yield mask, history
                continue
            following: list[tuple[int, History, tuple[str, ...]]] = []
            for pick in self._choices(mask, None):
                if pick:
                    self._taken.update(pick)
                    moved, kept, more = self._microstep(mask, history, pick)
                    self.silent_steps.setdefault((mask, history), {})[pick, (moved, kept)] = None
                    following.append((moved, kept, told + more))
                elif not told:
                    yield mask, history
                else:
                    for heard in self._choices(mask, told[0]):
                        self._taken.update(heard)
                        moved, kept, more = self._microstep(mask, history, heard)
                        following.append((moved, kept, told[1:] + more))
            for state in following:
                if state in known:
                    continue
                if len(known) >= self._most:
                    self.complete = False
                    break
                known.add(state)
                stack.append(state)

    # --- one step

    def _choices(self, mask: int, event: str | None) -> list[Pick]:
        """Return every set of transitions that guards could let an event take, in the chart's order."""
        sets: dict[Pick, None] = {(): None}
        for leaf in self._leaf_list(mask):
            options = self._heard[leaf].get(event)
            if options is None:
                continue
            picks, may_pass = options
            grown: dict[Pick, None] = {}
            for chosen in sets:
                for pick in picks:
                    grown[chosen if pick in chosen else (*chosen, pick)] = None
                if may_pass:
                    grown[chosen] = None
            if len(grown) > CHOICES_MAX:
                self.complete = False
                grown = dict.fromkeys(list(grown)[:CHOICES_MAX])
            sets = grown
        if all(len(chosen) < 2 for chosen in sets):
            return list(sets)
        return list(dict.fromkeys(self._without_conflicts(chosen, mask) for chosen in sets))

    def _without_conflicts(self, chosen: Pick, mask: int) -> Pick:
        kept: list[int] = []
        for number in chosen:
            one = self.arrows[number]
            beaten = []
            for other_number in kept:
                other = self.arrows[other_number]
                if one.leaves & other.leaves & mask:
                    if not one.source.is_inside(other.source):
                        break
                    beaten.append(other_number)
            else:
                kept = [each for each in kept if each not in beaten]
                kept.append(number)
        return tuple(kept)

    def _microstep(self, mask: int, history: History, pick: Pick) -> tuple[int, History, tuple[str, ...]]:
        leaving = 0
        for number in pick:
            leaving |= self.arrows[number].leaves
        left = mask & leaving
        history = self._remember(mask, left, history) if self._histories and left else history
        stays = mask & ~leaving
        finals: tuple[Node, ...] = ()
        for number in pick:
            arrow = self.arrows[number]
            if arrow.target is not None:
                entered, ended = self._entry(arrow.target, arrow.domain, history)
                stays |= entered
                finals += ended
        return stays, history, self._finished(finals, stays)

    def _remember(self, mask: int, left: int, history: History) -> History:
        kept = list(history)
        for slot, node in enumerate(self._histories):
            parent = node.parent
            if parent is None or not left >> parent.ordinal & 1:
                continue
            inside = mask & self._below[parent.ordinal]
            if node.spec.kind is StateKind.HISTORY_SHALLOW:
                inside &= mask_of(parent.states)
            else:
                inside &= self._leaves_mask
            kept[slot] = inside
        return tuple(kept)

    def _entry(self, target: Node, domain: Node | None, history: History) -> tuple[int, tuple[Node, ...]]:
        """Return the mask of what entering a target enters, inside a domain, and the finals among it."""
        key = (target.ordinal, -1 if domain is None else domain.ordinal, history)
        known = self._entries.get(key)
        if known is None:
            mask = self._down(target, history) | self._up(target, domain, history)
            finals = tuple(
                node for node in self.nodes if node.spec.kind is StateKind.FINAL and mask >> node.ordinal & 1
            )
            known = self._entries[key] = mask, finals
        return known

    def _down(self, node: Node, history: History) -> int:
        if node.spec.kind in HISTORIES:
            kept = history[self._slots[node.ordinal]]
            goals = [each for each in self.nodes if kept >> each.ordinal & 1]
            if not goals:
                assert node.initial is not None
                goals = [node.initial]
            mask = 0
            for goal in goals:
                mask |= self._down(goal, history)
            for goal in goals:
                mask = self._fill(goal, node.parent, history, mask)
            return mask
        mask = 1 << node.ordinal
        if node.spec.kind is StateKind.PARALLEL:
            for region in node.states:
                mask |= self._down(region, history)
        elif node.initial is not None:
            mask |= self._down(node.initial, history)
        return mask

    def _up(self, node: Node, domain: Node | None, history: History) -> int:
        return self._fill(node, domain, history, self._down(node, history)) & ~self._down(node, history)

    def _fill(self, node: Node, domain: Node | None, history: History, mask: int) -> int:
        """Add the states between a node and a domain, and the regions beside them that nothing entered."""
        for around in node.ancestors():
            if around is domain:
                break
            mask |= 1 << around.ordinal
            if around.spec.kind is StateKind.PARALLEL:
                for region in around.states:
                    if not mask & (self._below[region.ordinal] | 1 << region.ordinal):
                        mask |= self._down(region, history)
        return mask

    def _finished(self, finals: tuple[Node, ...], mask: int) -> tuple[str, ...]:
        if not finals or not self._finishing:
            return ()
        told: list[str] = []
        for final in finals:
            parent = final.parent
            if parent is None:
                continue
            told.append(FINISHED_PREFIX + parent.spec.id)
            around = parent.parent
            if around is not None and around.spec.kind is StateKind.PARALLEL and self._is_final(around, mask):
                told.append(FINISHED_PREFIX + around.spec.id)
        return tuple(event for event in told if event in self._finishing)

    def _is_final(self, node: Node, mask: int) -> bool:
        if node.spec.kind is StateKind.PARALLEL:
            return all(self._is_final(region, mask) for region in node.states)
        return any(child.spec.kind is StateKind.FINAL and mask >> child.ordinal & 1 for child in node.states)

    # --- made ready

    def _leaf_list(self, mask: int) -> tuple[int, ...]:
        known = self._leaf_lists.get(mask)
        if known is None:
            rest, found = mask & self._leaves_mask, []
            while rest:
                lowest = rest & -rest
                found.append(lowest.bit_length() - 1)
                rest ^= lowest
            known = self._leaf_lists[mask] = tuple(found)
        return known

    def _attach(self, rules: Rules) -> None:
        names = self.nodes_by_name()
        heard: dict[int, dict[str | None, tuple[Pick, bool]]] = {}
        self._finishing: set[str] = set()
        for node in self.nodes:
            options: dict[str | None, tuple[Pick, bool]] = {}
            for spec in node.transitions:
                target = names[spec.target] if spec.target is not None and spec.id not in rules.idle else None
                if spec.event is None and target is None:
                    continue  # it moves nothing, and is reported on its own
                domain = domain_of(node, target)
                leaves = 0 if target is None else (-1 if domain is None else self._below[domain.ordinal])
                arrow = Arrow(len(self.arrows), spec, node, target, domain, leaves, spec.id in rules.guarded)
                self.arrows.append(arrow)
                if spec.event is not None and spec.event.startswith(FINISHED_PREFIX):
                    self._finishing.add(spec.event)
                picks, may_pass = options.get(spec.event, ((), True))
                if may_pass:
                    options[spec.event] = ((*picks, arrow.number), arrow.guarded)
            # What a state does not settle, the states around it are asked. Parents come first in document order.
            for event, (picks, may_pass) in (heard[node.parent.ordinal] if node.parent else {}).items():
                own, goes_on = options.get(event, ((), True))
                if goes_on:
                    options[event] = ((*own, *picks), may_pass)
            heard[node.ordinal] = options
        self._heard = heard
        self._has_silent = any(arrow.spec.event is None for arrow in self.arrows)
