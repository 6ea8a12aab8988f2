"""What is said when a clock that protects somebody is too weak (Y2xx)."""

from __future__ import annotations

from engine.checker.entry import Entry, error, warning

ENTRIES: tuple[Entry, ...] = (
    error(
        "Y201",
        (
            "{duty}は{authority_ja}の期限なのに、開庁日（{span}）で数えています。",
            "{key} is a clock of {authority_en} but counts office days ({span}).",
        ),
        ("48h や 2d のように、休日も含めて数えてください。", "Count closed days too, such as 48h or 2d."),
        ("連休の間、期限が止まってしまいます。", "The clock would stand still over a holiday."),
    ),
    error(
        "Y202",
        ("{duty}が、試みただけで果たしたことになります。", "A mere attempt would fulfil {key}."),
        (
            "needs を message（応答）以上にしてください。本人に会うなら seen です。",
            "Write needs: message or more; seen where the person must be seen.",
        ),
        ("電話をかけただけでは、安否は分かりません。", "Having called says nothing about how the person is."),
    ),
    error(
        "Y203",
        (
            "{duty}は本人の目視を求める期限なのに、開庁日（{span}）で数えています。",
            "{key} asks that the person is seen but counts office days ({span}).",
        ),
        ("48h のように時間で書いてください。", "Write hours, such as 48h."),
        (
            "安全の確認は、休日も待てません。",
            "Seeing to somebody's safety does not wait for the office to open.",
        ),
    ),
    warning(
        "Y204",
        (
            "{duty}は時間で数える期限なのに、督促が開庁日でしか来ません。",
            "{key} counts hours, but its ladder only comes in office days.",
        ),
        (
            "{{after: 1h, notify: duty_desk}} のような段のあるはしごを ladder に書いてください。",
            "Name a ladder with a rung such as {{after: 1h, notify: duty_desk}}.",
        ),
        (
            "金曜の夜に過ぎた期限を、月曜まで誰も知りません。",
            "What is missed on Friday night is heard on Monday.",
        ),
    ),
    warning(
        "Y205",
        (
            "{duty}は{authority_ja}の期限なので、延期できません。",
            "{key} is a clock of {authority_en} and cannot be put off.",
        ),
        ("defer を消してください。", "Remove `defer`."),
        ("書いてあっても、延期は断られます。", "Deferrals of it are refused whatever is written."),
    ),
    warning(
        "Y206",
        ("{duty}は、試みただけで果たしたことになります。", "A mere attempt fulfils {key}."),
        (
            "安否は、同じ状態にある別の連絡で確かめられます。その間隔で足りるか確かめてください。",
            "Another follow-up of the same state asks for word of the person; see that it comes often enough.",
        ),
        ("届けに行ったことと、会えたことは違います。", "Having gone there is not having met the person."),
    ),
)
