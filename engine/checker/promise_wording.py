"""What is said when a case could be left without anybody who must act (P2xx)."""

from __future__ import annotations

from engine.checker.entry import Entry, error, warning

ENTRIES: tuple[Entry, ...] = (
    error(
        "P201",
        (
            "{duty}の結果「{name}」のあと、何も起こりません。",
            "Nothing follows the outcome '{name}' of {key}.",
        ),
        (
            "done: true（これで済み）、next: 14d（次の約束）、retry: 2d（もう一度）、raise・notify のどれかを書いてください。",
            "Write done: true, next: 14d, retry: 2d, raise or notify.",
        ),
        ("結果を記録しても、誰も何もしません。", "The outcome would be recorded and nobody would act."),
    ),
    error(
        "P202",
        ("after: {count} に、起こす出来事 raise がありません。", "`after: {count}` has no `raise`."),
        (
            "raise を書いて、続いたときの道を作るか、after を消してください。",
            "Write `raise` for what follows, or remove `after`.",
        ),
        ("{count} 回続いても、何も変わりません。", "However often it happens in a row, nothing changes."),
    ),
    error(
        "P203",
        ("{state}では、いつまでも待ち続けることがあります。", "In {where} a case can wait for ever."),
        (
            "{hint_ja}世帯への繰り返す連絡か見直し（every: 14d など）を置いてください。",
            "{hint_en}Put a follow-up or review for the household there that comes back (every: 14d or the like).",
        ),
        (
            "約束を果たし終えると誰にも期限が来なくなり、ケースが途切れます。",
            "Once everything promised is done nobody has anything due, and the case is forgotten.",
        ),
    ),
    error(
        "P204",
        ("はしご「{name}」の最後の段が繰り返しません。", "The last rung of '{name}' does not repeat."),
        ("最後の段に every: 5bd のように書いてください。", "Write every: 5bd or the like on the last rung."),
        (
            "最後の知らせを見落とすと、遅れを誰も知りません。",
            "Once the last notice is missed nobody hears again.",
        ),
    ),
    error(
        "P205",
        ("はしご「{name}」は担当者にしか届きません。", "Only the assignee hears of the ladder '{name}'."),
        (
            "上の役割（superior など）への notify か hand_to を加えてください。",
            "Add a notify or hand_to for somebody above, such as superior.",
        ),
        ("担当者が動けないとき、誰も気づきません。", "When the assignee cannot act nobody else knows."),
    ),
    error(
        "P206",
        (
            "{duty}の督促は、行う本人の役割「{role}」にしか届きません。",
            "The ladder of {key} only reaches the role '{role}' that has to do it.",
        ),
        ("別の役割にも届くはしごにしてください。", "Use a ladder that another role hears of too."),
        ("担当者が動けないとき、誰も気づきません。", "When the assignee cannot act nobody else knows."),
    ),
    warning(
        "P207",
        (
            "繰り返す約束{duty}に done は効きません。",
            "`done` has no effect on {key}, which comes back anyway.",
        ),
        (
            "done を消してください。やめるには別の状態へ移します。",
            "Remove it. To stop it, move to another state.",
        ),
        ("繰り返す約束は、状態を離れるまで続きます。", "What recurs goes on until its state is left."),
    ),
    error(
        "P208",
        ("終結に、評価の記録が求められていません。", "Closing does not ask for an evaluation."),
        (
            "requires: [evaluation] のように様式を書いてください。",
            "Write requires: [evaluation] or the like.",
        ),
        ("振り返りのない終結は認められません。", "No case is closed without looking back."),
    ),
    error(
        "P209",
        ("終結に、決裁が求められていません。", "Closing does not ask for an approval."),
        ("approval: に役割か会議を書いてください。", "Write a role or a meeting under `approval`."),
        ("一人の判断だけでは終結できません。", "No single person closes a case."),
    ),
    error(
        "P210",
        ("{cause_ja}だけで終結します。", "{cause_en} alone closes the case."),
        (
            "終結は、人が起こす別の出来事にしてください。連絡が途絶えたときは、捜す状態へ移します。",
            "Let a person fire an event of its own to close; when contact is lost, move to a state that searches.",
        ),
        (
            "返事がないことや、連絡が取れないことだけで支援を終えてはなりません。",
            "Silence or loss of contact alone never closes a case.",
        ),
    ),
    error(
        "P211",
        ("{duty}の結果はどれも retry で、果たしたことになりません。", "Every outcome of {key} is a retry."),
        ("果たしたときの結果（reached: {{}} など）を加えてください。", "Add the outcome that fulfils it."),
        ("いつまでも終わらない約束になります。", "Nobody could ever say that it is done."),
    ),
    error(
        "P212",
        ("ここの approval は決して効きません。", "The approval here never takes effect."),
        (
            "決裁が要るなら、人が起こす出来事にしてください。",
            "Where an approval is needed, use an event that a person fires.",
        ),
        (
            "システムが知らせる出来事は決裁を待てず、always は決裁なしで進みます。",
            "An event told by the engine cannot wait for it, and `always` goes on without it.",
        ),
    ),
    warning(
        "P213",
        (
            "{state}にいる間に「{event}」が起きても、何も変わりません。",
            "While in {where}, '{event}' changes nothing.",
        ),
        (
            "{state}の on に「{event}」を書いてください。",
            "Write '{event}' under `on` there.",
        ),
        (
            "約束が起こす出来事を、聞く状態がありません。",
            "The obligation raises it, but no state there listens.",
        ),
    ),
    error(
        "P214",
        (
            "はしご「{name}」は、期限を過ぎてから誰にも知らせません。",
            "'{name}' tells nobody once it is overdue.",
        ),
        ("after の段を加えてください。", "Add a rung with `after`."),
        (
            "期限の前の知らせだけでは、遅れに誰も気づきません。",
            "Notices before the due time say nothing of delay.",
        ),
    ),
    error(
        "P220",
        ("役割「{label}」（{name}）を担う職員がいません。", "Nobody holds the role '{label}' ({name})."),
        (
            "名簿で、在籍している職員かチームにこの役割を付けてください。",
            "Give the role to an active person or a staffed team in the directory.",
        ),
        ("公開するには、どの役割にも担い手が要ります。", "To publish, every role must be held by somebody."),
    ),
    error(
        "P221",
        ("当番窓口に在籍している職員がいません。", "The duty desk has no active member."),
        ("名簿で当番窓口に職員を置いてください。", "Put an active person at the duty desk."),
        ("担い手のない仕事は、最後に当番窓口へ行きます。", "Work that nobody holds ends at the duty desk."),
    ),
    warning(
        "P222",
        (
            "役割「{label}」（{name}）は{kind_ja}の役割なのに、個人が担っています。",
            "The role '{label}' ({name}) is meant for a team; a person holds it.",
        ),
        (
            "名簿で、職員のいるチームにこの役割を付けてください。",
            "Give it to a staffed team in the directory.",
        ),
        (
            "会議やチームの仕事を、知らないうちに一人が抱えます。",
            "The work of a meeting or team would fall to one person unawares.",
        ),
    ),
)
