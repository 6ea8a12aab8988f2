"""What is said when a case cannot get somewhere, or out of somewhere (R2xx)."""

from __future__ import annotations

from engine.checker.entry import Entry, error, note, warning

ENTRIES: tuple[Entry, ...] = (
    error(
        "R201",
        ("{state}へ行く道がありません。", "No case can ever come to {where}."),
        (
            "ほかの状態の on に to: {name} を書くか、要らなければ消してください。",
            "Write to: {name} under `on` of another state, or remove it.",
        ),
        ("行けない状態の約束は、決して果たされません。", "What is promised there is never owed to anybody."),
    ),
    error(
        "R202",
        ("{state}から終結まで行く道がありません。", "From {where} no end can be reached."),
        (
            "ここから終わりの状態（final: true）へ続く道を on に書いてください。",
            "Write a way under `on` that leads on to a final state.",
        ),
        ("ここに来たケースは、二度と終結できません。", "A case that comes here can never be closed."),
    ),
    error(
        "R203",
        (
            "この行より前に、条件のない行か同じ条件の行があるので、ここには決して来ません。",
            "An earlier alternative has no condition, or the same one, so this is never taken.",
        ),
        (
            "条件のない行は最後に移し、同じ条件は一つにしてください。",
            "Move the one without `when` to the end, and use a condition once.",
        ),
        ("同じ出来事の行は、上から順に調べます。", "The alternatives of an event are tried from the top."),
    ),
    error(
        "R204",
        ("{state}の「{event}」は、決して選ばれません。", "'{event}' of {where} is never taken."),
        (
            "内側の状態の同じ出来事が先に選ばれます。そちらに条件を付けるか、この行を消してください。",
            "The same event of an inner state always wins. Give that one a condition, or remove this.",
        ),
        ("内側の状態の道は、外側の道より先に選ばれます。", "Inner states are asked before outer ones."),
    ),
    error(
        "R205",
        ("always が止まらずに回り続けます（{cycle}）。", "`always` can go round for ever ({cycle})."),
        (
            "同時に成り立たない条件を when に書くか、人が起こす出来事にしてください。",
            "Write conditions that cannot hold together, or use an event that a person fires.",
        ),
        (
            "回り続けると、その操作はすべて取りやめになります。",
            "A step that never ends is given up as a whole.",
        ),
    ),
    warning(
        "R206",
        ("並行の領域{state}に、内側の状態がありません。", "The region {where} has no states inside."),
        (
            "states を書くか、約束を外側の状態に移してください。",
            "Write `states`, or move its obligations to the state around it.",
        ),
        ("一つの状態しかない領域は、動くことがありません。", "A region of one state never moves."),
    ),
    error(
        "R207",
        ("並行の領域{state}を終わりの状態にはできません。", "The region {where} cannot be an end itself."),
        ("領域の内側に final: true の状態を置いてください。", "Put the final state inside the region."),
        ("始まったとたんに終わる領域になります。", "The region would end the moment it begins."),
    ),
    error(
        "R208",
        ("履歴{state}が、どの状態の内側にもありません。", "The history {where} stands inside no state."),
        ("states か parallel の内側に置いてください。", "Put it inside `states` or `parallel` of a state."),
        ("履歴は、それを囲む状態の中を覚えます。", "A history remembers the inside of the state around it."),
    ),
    error(
        "R209",
        (
            "履歴{state}の行き先「{target}」は、それを囲む状態の内側にありません。",
            "The history {where} leads to '{target}', which is not inside the state around it.",
        ),
        ("同じ状態の内側にある状態を to に書いてください。", "Write a state of the same surrounding state."),
        ("履歴がまだないときの行き先です。", "It is where a case goes while there is no history yet."),
    ),
    error(
        "R210",
        ("{state}は、入ったとたんに終わります。", "{where} ends the moment it is entered."),
        ("initial を、終わりでない状態にしてください。", "Let `initial` name a state that is not final."),
        ("何もしないうちに終わったことになります。", "It would count as finished before anything is done."),
    ),
    error(
        "R211",
        ("終わりの状態（final: true）がありません。", "There is no final state."),
        (
            "一番外側の states に、closed: {{label: 終結, final: true}} のような状態を置いてください。",
            "Put a state such as closed: {{final: true}} among the outermost states.",
        ),
        ("終結できない支援経路になります。", "No case could ever be closed."),
    ),
    error(
        "R212",
        (
            "ケースの始まりが終わりの状態{state}になっています。",
            "A case would begin in the final state {where}.",
        ),
        ("支援をする状態の名前にしてください。", "Name a state in which somebody is supported."),
        ("受け付けたとたんに終結します。", "It would be closed the moment it is received."),
    ),
    note(
        "R213",
        (
            "状態の組み合わせが {limit} を超えるため、途中までしか確かめていません。",
            "There are more than {limit} combinations of states; only so many were examined.",
        ),
        ("並行の領域を減らすか、支援経路を分けてください。", "Use fewer regions, or split the pathway."),
        ("確かめていない組み合わせが残ります。", "Some combinations stay unproved."),
    ),
    error(
        "R214",
        (
            "{state}の内側に、始まりになる状態がありません。",
            "{where} has no state inside that it could begin in.",
        ),
        ("履歴のほかに状態を書いてください。", "Write a state besides the history."),
        ("入っても、どこにもいないことになります。", "A case in it would be nowhere."),
    ),
    error(
        "R215",
        ("状態の入れ子が深すぎます（{limit} 段まで）。", "States are nested deeper than {limit}."),
        ("入れ子を浅くしてください。", "Nest less deeply."),
        ("紙の上で追えない支援経路になります。", "Nobody could follow it on paper."),
    ),
    warning(
        "R216",
        ("「{event}」が来るとき、ケースは{state}にいません。", "No case is in {where} when '{event}' comes."),
        ("その約束がある状態の on に移してください。", "Move it to the state that makes this promise."),
        ("待っていても、この知らせは来ません。", "However long it waits, it is never told here."),
    ),
)
