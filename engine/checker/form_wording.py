"""What is said when names, references and the shape of a file are wrong (F2xx)."""

from __future__ import annotations

from engine.checker.entry import Entry, error, warning

ENTRIES: tuple[Entry, ...] = (
    error(
        "F201",
        ("状態の名前「{name}」が二度使われています。", "The state name '{name}' is used twice."),
        ("どちらかを別の名前にしてください。", "Give one of them another name."),
        (
            "状態の名前はファイル全体で一つだけです。行き先はこの名前で書くからです。",
            "A state's name is unique in the whole file, because ways on name their target by it.",
        ),
    ),
    error(
        "F202",
        ("「{name}」という状態はありません。", "There is no state '{name}'."),
        ("{near_ja}", "{near_en}"),
        ("行き先のない道では、ケースが動けません。", "A case cannot take a way that leads nowhere."),
    ),
    error(
        "F203",
        (
            "initial の「{name}」は{state}のすぐ内側の状態ではありません。",
            "initial '{name}' is not a state directly inside {where}.",
        ),
        (
            "{state}の states に書いた状態の名前にしてください。",
            "Name one of the states written under its `states`.",
        ),
        (
            "複合状態は、すぐ内側の状態の一つから始まります。",
            "A compound state begins in one of its own states.",
        ),
    ),
    error(
        "F204",
        ("「{name}」という役割はありません。", "There is no role '{name}'."),
        ("{near_ja}", "{near_en}"),
        ("役割がなければ、誰が行うかを決められません。", "Without the role nobody can be found to do it."),
    ),
    error(
        "F205",
        ("ここに「{name}」は書けません。", "'{name}' cannot stand here."),
        (
            "roles に書いた役割の名前にしてください。assignee・superior・duty_desk は督促と通知の相手にだけ使えます。",
            "Name one of the roles; assignee, superior and duty_desk are for those who hear of something.",
        ),
        (
            "assignee（いまの担当）と superior（上位の役割）は、約束ができてから決まります。",
            "Who is assignee or superior is known only once an obligation is there.",
        ),
    ),
    error(
        "F206",
        ("agenda の「{name}」は会議ではありません。", "'{name}' under agenda is not a meeting."),
        (
            "roles で kind: meeting とした役割にするか、notify で知らせてください。",
            "Name a role with kind: meeting, or use notify.",
        ),
        ("議題に載せられるのは会議だけです。", "Only a meeting has an agenda."),
    ),
    error(
        "F207",
        ("「{name}」という督促のはしごはありません。", "There is no ladder '{name}'."),
        ("{near_ja}", "{near_en}"),
        ("はしごがなければ、遅れを誰も知りません。", "Without the ladder nobody hears that it is late."),
    ),
    error(
        "F208",
        ("「{name}」という様式はありません。", "There is no form '{name}'."),
        ("{near_ja}", "{near_en}"),
        ("ない様式は記録できません。", "A form that is not there cannot be recorded."),
    ),
    error(
        "F209",
        ("「{name}」という同意の種類はありません。", "There is no kind of consent '{name}'."),
        ("{near_ja}", "{near_en}"),
        (
            "情報共有の同意 sharing のほかは、consents に書いたものだけが使えます。",
            "Besides the built-in `sharing`, only what is written under `consents` can be asked.",
        ),
    ),
    warning(
        "F210",
        ("役割「{name}」はどこにも使われていません。", "The role '{name}' is not used anywhere."),
        ("使わないなら消してください。", "Remove it if it is not needed."),
        ("公開には、使わない役割にも職員が要ります。", "To publish, even an unused role must be staffed."),
    ),
    warning(
        "F211",
        ("督促のはしご「{name}」はどこにも使われていません。", "The ladder '{name}' is not used anywhere."),
        (
            "使わないなら消すか、ladder: {name} を約束に書いてください。",
            "Remove it, or write ladder: {name} on an obligation.",
        ),
        (
            "書いたつもりの督促が効いていないおそれがあります。",
            "An escalation may be meant but not in force.",
        ),
    ),
    warning(
        "F212",
        ("様式「{name}」はどこにも使われていません。", "The form '{name}' is not used anywhere."),
        (
            "使わないなら消すか、form: {name} を約束に書いてください。",
            "Remove it, or write form: {name} on an obligation.",
        ),
        ("誰も記録を求められない様式です。", "Nobody is ever asked to record it."),
    ),
    error(
        "F213",
        ("「{name}」は役割の名前に使えません。", "A role cannot be called '{name}'."),
        ("別の名前にしてください。", "Choose another name."),
        (
            "assignee・superior・duty_desk は、いまの担当・上位の役割・当番窓口を指します。",
            "assignee, superior and duty_desk already mean the holder, the role above and the duty desk.",
        ),
    ),
    error(
        "F214",
        ("「standard」ははしごの名前に使えません。", "A ladder cannot be called 'standard'."),
        ("別の名前にしてください。", "Choose another name."),
        (
            "ladder を書かない約束が使う、標準のはしごの名前です。",
            "It is the built-in ladder of obligations that name none.",
        ),
    ),
    error(
        "F215",
        (
            "出来事「{event}」の「{name}」{what_ja}がありません。",
            "'{event}' speaks of {what_en} that is not there.",
        ),
        ("{near_ja}", "{near_en}"),
        ("この出来事は決して起こりません。", "This event can never come."),
    ),
    warning(
        "F216",
        (
            "出来事「{event}」に当たるつなぎ（refer）がこのファイルにありません。",
            "No referral of this file is called '{name}', as '{event}' expects.",
        ),
        (
            "refer の as か to と同じ名前にしてください。手作業でつなぐ機関の名前なら、このままで構いません。",
            "Use the `as` or `to` of a refer. Leave it if workers refer to this agency by hand.",
        ),
        ("名前が違うと、返答が来ても動きません。", "Under another name the answer moves nothing."),
    ),
    error(
        "F217",
        ("出来事「{event}」は誰も起こせません。", "Nobody can raise the event '{event}'."),
        (
            "「.」の前は recorded・fulfilled・ended・accepted・refused・finished・consent です。ほかは「.」なしで。",
            "Write recorded, fulfilled, ended, accepted, refused, finished or consent before it, or no dot.",
        ),
        (
            "「.」のある出来事は、システムだけが知らせます。",
            "Events with a dot are told by the engine only.",
        ),
    ),
    error(
        "F218",
        (
            "はしご「{name}」の段が時間の順になっていません。",
            "The rungs of '{name}' are not in order of time.",
        ),
        (
            "before は長い方から、after は短い方から、順に並べてください。",
            "Write `before` rungs longest first, then `after` rungs shortest first.",
        ),
        ("段は書いた順に上ります。", "Rungs are climbed in the order in which they are written."),
    ),
    error(
        "F219",
        ("every があるのは最後の段ではありません。", "This rung has `every` but is not the last one."),
        ("every は最後の段だけに書いてください。", "Write `every` on the last rung only."),
        ("繰り返す段の先へは進めません。", "Nothing can follow a rung that repeats."),
    ),
    error(
        "F220",
        ("{key} の {span} は長さがありません。", "{key}: {span} has no length."),
        ("1 以上の長さにしてください。", "Write a length of at least 1."),
        (
            "長さのない間隔は、休みなく繰り返すか、決して待ちません。",
            "It would repeat without rest, or never wait.",
        ),
    ),
    error(
        "F221",
        ("出来事「{event}」を待つ状態がどこにもありません。", "No state listens to '{event}'."),
        (
            "on に「{event}」を書くか、raise の名前を確かめてください。",
            "Write '{event}' under `on`, or check the name under `raise`.",
        ),
        ("起こしても何も変わらない出来事です。", "Raising it changes nothing."),
    ),
    error(
        "F222",
        ("max_silence の {span} は日で数えられません。", "max_silence {span} does not count days."),
        (
            "14d・2w・1mo のように、日・週・月で書いてください。",
            "Write days, weeks or months, such as 14d, 2w or 1mo.",
        ),
        (
            "無連絡期間は休日も含む日数で約束します。",
            "Silence is promised in calendar days, closed days included.",
        ),
    ),
    error(
        "F223",
        (
            "migrate の版 {name} は、この版（{version}）より前の版ではありません。",
            "migrate names version {name}, which is not older than this one ({version}).",
        ),
        ("移す元の、古い版の番号を書いてください。", "Write the number of an older version."),
        ("ケースは古い版から新しい版へだけ移ります。", "Cases move from older versions to newer ones only."),
    ),
    error(
        "F224",
        (
            "migrate の約束「{name}」はこの版にありません。",
            "migrate names an obligation '{name}' that is not here.",
        ),
        ("{near_ja}", "{near_en}"),
        ("移した先にない約束は引き継げません。", "What is not in the new version cannot be kept."),
    ),
    warning(
        "F225",
        ("by はここでは効きません。", "`by` has no effect here."),
        (
            "by を消すか、人が起こす出来事にしてください。",
            "Remove `by`, or use an event that a person fires.",
        ),
        (
            "システムが知らせる出来事と always は、人を待たずに進みます。",
            "What the engine tells, and `always`, waits for no person.",
        ),
    ),
    error(
        "F226",
        ("役割「{name}」の above が輪になっています。", "The roles above '{name}' form a circle."),
        ("above をたどると上で終わるようにしてください。", "Let the chain of `above` come to an end."),
        (
            "輪の中では、誰も空きになった役割を引き受けません。",
            "In a circle nobody takes over what is vacant.",
        ),
    ),
    error(
        "F227",
        ("この支援経路が自分自身を始めています。", "This pathway starts itself."),
        ("start には別の支援経路を書いてください。", "Name another pathway under `start`."),
        ("ケースが際限なく増えます。", "Cases would open cases without end."),
    ),
    error(
        "F228",
        ("「{name}」は前にも書かれています。", "'{name}' is already written under {other}."),
        ("どちらかを別の名前にしてください。", "Give one of them another name."),
        (
            "同じ状態の約束は名前で見分けます。",
            "Obligations of one state are told apart by name.",
        ),
    ),
)
