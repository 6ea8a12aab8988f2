"""What is said when a guard is wrong, or asks what nobody records (G2xx)."""

from __future__ import annotations

from engine.checker.entry import Entry, error, note, warning

ENTRIES: tuple[Entry, ...] = (
    error(
        "G201",
        ("{ja}", "{en}"),
        ("条件「{text}」を書き直してください。", "Rewrite the guard '{text}'."),
        ("読めない条件では、何も決められません。", "A guard that cannot be read decides nothing."),
    ),
    error(
        "G202",
        ("「{fact}」が「{literal}」になることはありません。", "'{fact}' is never '{literal}'."),
        ("選べる値は次のとおりです: {choices}。", "It can be: {choices}."),
        ("この比較は、いつも同じ答えになります。", "The comparison always gives the same answer."),
    ),
    error(
        "G203",
        ("{fact} はここでは読めません。", "{fact} cannot be read here."),
        (
            "person.* は for: {{each: person, when: …}} の中だけで使えます。世帯全体なら household.* を使ってください。",
            "person.* is for `for: {{each: person, when: …}}` only. For the household use household.*.",
        ),
        ("どの人のことか決まりません。", "It would not be clear which person is meant."),
    ),
    warning(
        "G204",
        (
            "「{facts}」を読みますが、それより前に様式「{forms}」の記録を求めるところがありません。",
            "This reads '{facts}', but nothing before it asks for the form '{forms}'.",
        ),
        (
            "前の状態の約束に form: {forms} を書くか、recorded('{fact}') で確かめてください。",
            "Write form: {forms} on an earlier obligation, or ask recorded('{fact}').",
        ),
        (
            "記録がない間、条件は「分からない」になり、成り立ちません。",
            "Until recorded it is unknown, never true.",
        ),
    ),
    note(
        "G205",
        (
            "「{facts}」は、ここでまだ記録されていないことがあります。",
            "'{facts}' may not be recorded yet when this is asked.",
        ),
        (
            "前の道に requires: {forms} を書くか、recorded('{fact}') で確かめると確実です。",
            "Write requires: {forms} on the ways that lead here, or ask recorded('{fact}').",
        ),
        (
            "人が起こす出来事なら、足りない記録を示して待ちます。ほかは成り立たないものとして進みます。",
            "An event fired by a person waits and names what is missing; others take it as not true.",
        ),
    ),
    error(
        "G206",
        ("この期限は、どう記録しても動き出しません。", "Whatever is recorded, this deadline never starts."),
        ("条件「{text}」を書き直してください。", "Rewrite the guard '{text}'."),
        ("動き出さない期限は、誰も守りません。", "A clock that never starts protects nobody."),
    ),
    error(
        "G207",
        ("条件「{text}」が成り立つことはありません。", "The guard '{text}' can never be true."),
        ("条件を書き直すか、この行を消してください。", "Rewrite it, or remove it."),
        ("選べない道を選べるように見せます。", "It shows a way that nobody can take."),
    ),
)
