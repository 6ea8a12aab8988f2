"""Guards against a second opinion: Kleene's logic written out in plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.pathway.fact import FactType, fitted
from engine.core.pathway.guard import GuardError, compile_guard

TYPES = {
    "p.yes": FactType.BOOL,
    "p.no": FactType.BOOL,
    "q.n": FactType.INT,
    "q.m": FactType.INT,
    "q.word": FactType.STRING,
    "r.words": FactType.LIST_STRING,
    "r.inner.numbers": FactType.LIST_INT,
    "r.share": FactType.NUMBER,
    "r.on": FactType.DATE,
}
WORDS = ["", "a", "住まい", "a'b", "&& = and"]
Node = tuple[Any, ...]
UNKNOWN = None


def quoted(word: str) -> str:
    return '"' + word + '"'


def numbers() -> st.SearchStrategy[Node]:
    leaf = st.one_of(
        st.integers(-4, 4).map(lambda n: ("int", n)),
        st.sampled_from(["q.n", "q.m"]).map(lambda name: ("fact", name)),
        st.just(("size", "r.words")),
        st.just(("first", "r.inner.numbers")),
    )
    return st.recursive(
        leaf, lambda part: st.tuples(st.just("sum"), st.sampled_from("+-*/%"), part, part), max_leaves=4
    )


def conditions() -> st.SearchStrategy[Node]:
    leaf = st.one_of(
        st.booleans().map(lambda truth: ("bool", truth)),
        st.sampled_from(["p.yes", "p.no"]).map(lambda name: ("fact", name)),
        st.sampled_from(sorted(TYPES)).map(lambda name: ("recorded", name)),
        st.tuples(
            st.just("compare"), st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), numbers(), numbers()
        ),
        st.tuples(st.just("is"), st.just("q.word"), st.sampled_from(WORDS)),
        st.tuples(st.just("in"), st.sampled_from(WORDS), st.just("r.words")),
        st.tuples(st.sampled_from(["exists", "all"]), st.just("r.inner.numbers"), numbers()),
        st.tuples(st.just("above"), st.just("r.share"), st.integers(-3, 3)),
        st.tuples(st.just("before"), st.just("r.on"), st.sampled_from(["2027-04-01", "2026-12-31"])),
    )
    return st.recursive(
        leaf,
        lambda part: st.one_of(
            st.tuples(st.just("not"), part),
            st.tuples(st.sampled_from(["and", "or"]), part, part),
            st.tuples(st.just("if"), part, part, part),
        ),
        max_leaves=8,
    )


def written(node: Node) -> str:
    match node:
        case ("bool", truth):
            return "true" if truth else "false"
        case ("int", n):
            return f"({n})"
        case ("fact", name):
            return str(name)
        case ("size", name):
            return f"size({name})"
        case ("first", name):
            return f"{name}[0]"
        case ("recorded", name):
            return f"recorded( '{name}' )"
        case ("sum" | "compare", sign, left, right):
            return f"({written(left)} {sign} {written(right)})"
        case ("not", part):
            return f"!{written(part)}"
        case ("and", left, right):
            return f"({written(left)} && {written(right)})"
        case ("or", left, right):
            return f"({written(left)} || {written(right)})"
        case ("if", asked, one, other):
            return f"({written(asked)} ? {written(one)} : {written(other)})"
    return written_question(node)


def written_question(node: Node) -> str:
    match node:
        case ("is", name, word):
            return f"({name} == {quoted(word)})"
        case ("in", word, name):
            return f"({quoted(word)} in {name})"
        case ("exists" | "all" as macro, name, bound):
            return f"{name}.{macro}(each, each > {written(bound)})"
        case ("above", name, n):
            return f"({name} > {n}.5)"
        case ("before", name, day):
            return f"({name} < '{day}')"
    raise AssertionError(node)


def truncated(left: int, right: int) -> int:
    size = abs(left) // abs(right)
    return size if (left < 0) == (right < 0) else -size


def arithmetic(sign: str, left: int, right: int) -> int | None:
    if sign in "/%" and right == 0:
        return UNKNOWN
    result = {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: truncated(left, right),
        "%": lambda: left - right * truncated(left, right),
    }[sign]()
    if sign == "%" and (left, right) == (-(2**63), -1):
        return UNKNOWN
    return result if -(2**63) <= result < 2**63 else UNKNOWN


def both(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return UNKNOWN if left is None or right is None else True


def opposite(truth: bool | None) -> bool | None:
    return UNKNOWN if truth is None else not truth


def value(node: Node, facts: Mapping[str, Any]) -> Any:
    """Evaluate from the definition: all but &&, ||, ?:, exists and all need every part."""
    match node:
        case ("bool" | "int", plain):
            return plain
        case ("fact", name):
            return facts.get(name)
        case ("recorded", name):
            return name in facts
        case ("sum", sign, a, b):
            left, right = value(a, facts), value(b, facts)
            return UNKNOWN if left is None or right is None else arithmetic(sign, left, right)
        case ("compare", sign, a, b):
            return compared(sign, value(a, facts), value(b, facts))
        case ("exists" | "all" as macro, name, bound):
            if name not in facts:
                return UNKNOWN
            truths = [compared(">", each, value(bound, facts)) for each in facts[name]]
            total: bool | None = True
            for truth in truths:
                total = both(total, opposite(truth) if macro == "exists" else truth)
            return opposite(total) if macro == "exists" else total
        case ("not", part):
            return opposite(value(part, facts))
        case ("and", a, b):
            return both(value(a, facts), value(b, facts))
        case ("or", a, b):
            return opposite(both(opposite(value(a, facts)), opposite(value(b, facts))))
        case ("if", asked, one, other):
            truth = value(asked, facts)
            return UNKNOWN if truth is None else value(one if truth else other, facts)
    return answered(node, facts)


def answered(node: Node, facts: Mapping[str, Any]) -> Any:
    match node:
        case ("is", name, word):
            return facts[name] == word if name in facts else UNKNOWN
        case ("in", word, name):
            return word in facts[name] if name in facts else UNKNOWN
        case ("size", name):
            return len(facts[name]) if name in facts else UNKNOWN
        case ("first", name):
            return facts[name][0] if facts.get(name) else UNKNOWN
        case ("above", name, n):
            # Written as `n.5`, so -1 stands for -1.5 and 0 for 0.5.
            return facts[name] > (n - 0.5 if n < 0 else n + 0.5) if name in facts else UNKNOWN
        case ("before", name, day):
            return facts[name] < day if name in facts else UNKNOWN
    raise AssertionError(node)


def compared(sign: str, left: int | None, right: int | None) -> bool | None:
    if left is None or right is None:
        return UNKNOWN
    return {
        "==": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[sign]


def mentioned(node: Any) -> tuple[set[str], set[str]]:
    """Return the facts that a tree reads and those it asks for."""
    if not isinstance(node, tuple):
        return ({node} if node in TYPES else set()), set()
    if node[0] == "recorded":
        return set(), {node[1]}
    reads, asks = set(), set()
    for part in node[1:]:
        more_reads, more_asks = mentioned(part)
        reads |= more_reads
        asks |= more_asks
    return reads, asks


WHOLE = st.integers(-4, 4) | st.sampled_from([2**63 - 1, -(2**63)])
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "p.yes": st.booleans(),
        "p.no": st.booleans(),
        "q.n": WHOLE,
        "q.m": WHOLE,
        "q.word": st.sampled_from(WORDS),
        "r.words": st.lists(st.sampled_from(WORDS), max_size=3),
        "r.inner.numbers": st.lists(WHOLE, max_size=3),
        "r.share": st.sampled_from([-1.5, 0.0, 0.5, 2.75, 3]),
        "r.on": st.sampled_from(["2026-12-31", "2027-03-31", "2027-04-01"]),
    },
)
RUBBISH = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.lists(st.integers() | st.text(), max_size=3),
    st.dictionaries(st.text(), st.none(), max_size=1),
    st.binary(),
    st.just("\ud800"),
)


@settings(max_examples=600, deadline=None)
@given(conditions(), FACTS)
def test_a_guard_answers_as_kleene_logic_does(node: Node, facts: dict[str, Any]) -> None:
    text = written(node)
    if len(text) <= 1_000 and text.count("?") <= 12:
        guard = compile_guard(text, TYPES)
        assert guard.evaluate(facts) is value(node, facts), text
        reads, asks = mentioned(node)
        assert set(guard.reads) == reads
        assert set(guard.asks) == asks


@settings(max_examples=200, deadline=None)
@given(conditions(), FACTS, st.sampled_from(sorted(TYPES)))
def test_recording_one_more_fact_never_turns_a_settled_answer_unless_it_was_asked_for(
    node: Node, facts: dict[str, Any], dropped: str
) -> None:
    text = written(node)
    if len(text) <= 1_000 and dropped not in mentioned(node)[1]:
        guard = compile_guard(text, TYPES)
        before = guard.evaluate({name: held for name, held in facts.items() if name != dropped})
        assert before is None or guard.evaluate(facts) is before


@settings(max_examples=200, deadline=None)
@given(conditions(), st.dictionaries(st.sampled_from(sorted(TYPES)), RUBBISH, max_size=6))
def test_any_values_at_all_count_as_what_fits_and_raise_nothing(node: Node, facts: dict[str, Any]) -> None:
    text = written(node)
    if len(text) <= 1_000:
        fitting = {name: fitted(held, TYPES[name]) for name, held in facts.items()}
        guard = compile_guard(text, TYPES)
        assert guard.evaluate(facts) is value(
            node, {name: held for name, held in fitting.items() if held is not None}
        )


_PIECES = [
    "p.yes",
    "q.n",
    "q.word",
    "r.words",
    "recorded('p.yes')",
    "recorded(",
    "&&",
    "||",
    "!",
    "==",
    "=",
    "(",
    ")",
    "[",
    "]",
    ".",
    ",",
    "?",
    ":",
    "1",
    "-",
    "'a'",
    "'",
    '"',
    "in",
    "and",
    "size(",
    ".exists(x, ",
    "x",
    " ",
    "\n",
    "全",
    "”",
    "\\",
    "1.5",
    "//",
    "true",
    "{",
    "\x00",
    "\ud800",
]


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join) | st.text(max_size=40))
def test_any_text_is_a_guard_or_is_refused_at_a_column_within_it(text: str) -> None:
    outcome = answer_or_refusal(text)
    if isinstance(outcome, GuardError):
        assert 1 <= outcome.column <= len(text) + 1
        assert outcome.ja
        assert outcome.en
    else:
        assert outcome in (True, False, None)


def answer_or_refusal(text: str) -> bool | GuardError | None:
    try:
        return compile_guard(text, TYPES).evaluate({})
    except GuardError as error:
        return error
