"""What the command says by itself, in Japanese and English; refusals and findings bring their own words."""

from __future__ import annotations

from typing import Final, Literal

Lang = Literal["ja", "en"]

_SEPARATOR: Final = "\x1f"


def both(ja: str, en: str) -> str:
    """Return a text that carries both languages, for help that is made before the language is known."""
    return f"{ja}{_SEPARATOR}{en}"


def chosen(text: str, lang: str) -> str:
    """Return the half of a text in a language; a text in one language is itself."""
    ja, found, en = text.partition(_SEPARATOR)
    return en if found and lang == "en" else ja


def say(lang: str, ja: str, en: str) -> str:
    """Return the sentence in a language."""
    return en if lang == "en" else ja


def comma(lang: str) -> str:
    """Return what stands between things that are listed."""
    return ", " if lang == "en" else "、"


USAGE: Final = {
    "no_such_option": (
        "「{name}」というオプションはありません。", "There is no option “{name}”.",
        "{near}使えるオプションは {help} で確かめられます。", "{near}See {help} for the options.",
    ),
    "no_such_command": (
        "「{name}」というコマンドはありません。", "There is no command “{name}”.",
        "{near}コマンドの一覧は {help} で見られます。", "{near}See {help} for the commands.",
    ),
    "missing_parameter": (
        "{name} がありません。", "{name} is missing.",
        "書き方は {help} で確かめられます。", "See {help} for how it is written.",
    ),
    "bad_parameter": (
        "{name} の値「{value}」は使えません。", "The value “{value}” of {name} cannot be used.",
        "{expected}書き方は {help} で確かめられます。", "{expected}See {help} for how it is written.",
    ),
    "too_many_arguments": (
        "余分な引数があります: {name}", "There are arguments too many: {name}",
        "空白を含む値は引用符で囲んでください。書き方は {help} で確かめられます。",
        "Quote a value that has spaces in it. See {help} for how it is written.",
    ),
    "missing_command": (
        "コマンドがありません。", "No command is given.",
        "コマンドの一覧は {help} で見られます。", "See {help} for the commands.",
    ),
    "wrong_usage": (
        "コマンドの書き方が正しくありません（{name}）。", "The command is not written rightly ({name}).",
        "書き方は {help} で確かめられます。", "See {help} for how it is written.",
    ),
    "actor_missing": (
        "だれの操作かが分かりません。", "It is not said who acts.",
        "--actor 職員番号 を付けるか、環境変数 BANSOU_ACTOR に職員番号を入れてください。職員番号は bansou people で見られます。",
        "Add --actor ID, or put the id into BANSOU_ACTOR. `bansou people` lists the ids.",
    ),
    "person_unreadable": (
        "世帯員「{value}」を読めません。{why_ja}", "The person “{value}” cannot be read. {why_en}",
        "「id,氏名,生年月日,続柄,性別」の順に書いてください。空欄にできます。例: p1,山田花子,昭和50年4月1日,本人,女",
        "Write “id,name,birth,relation,sex”; parts may be empty. For example: p1,Yamada Hanako,1975-04-01,self,female",
    ),
    "date_unreadable": (
        "「{value}」を日付として読めません。{why_ja}", "“{value}” cannot be read as a date. {why_en}",
        "例: 2026-11-23、令和8年11月23日、R8.11.23", "For example: 2026-11-23, R8.11.23",
    ),
    "instant_unreadable": (
        "「{value}」を日時として読めません。{why_ja}", "“{value}” cannot be read as a time. {why_en}",
        "例: 2026-11-23T10:00、2026-11-23T10:00+09:00、令和8年11月23日 10:00",
        "For example: 2026-11-23T10:00, 2026-11-23T10:00+09:00, R8.11.23 10:00",
    ),
    "set_unreadable": (
        "「{value}」を項目として読めません。", "“{value}” cannot be read as a field.",
        "「様式.項目=値」と書いてください。例: intake.topic=住まい", "Write FORM.FIELD=VALUE, as in intake.topic=housing",
    ),
    "form_file_unreadable": (
        "様式のファイルの指定「{value}」を読めません。", "“{value}” does not name a form and its file.",
        "「様式=ファイル」と書いてください。例: intake=intake.yaml", "Write FORM=FILE, as in intake=intake.yaml",
    ),
}  # fmt: skip
"""Wrong usage, by code: sentence ja, en; what to do ja, en. Exit status 2."""

ANSWERS: Final = {
    "not_a_trial": (
        "この保存先は試行用ではないため、時計を動かせません。", "This store is not a trial, so its clock cannot be moved.",
        "--now を外すか、別の場所に試行用の保存先を作ってください（bansou init --trial）。",
        "Leave --now away, or make a trial store elsewhere (`bansou init --trial`).",
    ),
    "not_ready_directory": (
        "職員の名簿がまだありません。仕事を割り当てる人がいません。", "There is no directory yet: nobody could be given work.",
        "bansou people load FILE で名簿を読み込んでください。", "Load one with `bansou people load FILE`.",
    ),
    "not_ready_calendar": (
        "開庁日の暦がまだありません。期限を数えられません。", "There is no office calendar yet: no due date could be counted.",
        "bansou calendar load で読み込んでください（FILE を省くと、付属の暦を読み込みます）。",
        "Load one with `bansou calendar load` (without FILE: the one that comes with bansou).",
    ),
    "worker_unknown": (
        "「{worker}」という職員は名簿にいません。", "There is nobody called “{worker}” in the directory.",
        "職員番号を bansou people で確かめてください。", "Look the id up with `bansou people`.",
    ),
    "case_unknown": (
        "ケース {case} はありません。", "There is no case {case}.",
        "bansou cases で番号を確かめてください。", "Look the number up with `bansou cases`.",
    ),
    "case_not_yet": (
        "ケース {case} は、{at} にはまだありませんでした。", "Case {case} was not there yet at {at}.",
        "受付より後の日時を指定してください。", "Name a time after it was received.",
    ),
    "calendar_file": (
        "{ja}", "{en}",
        "ファイルを直して、もう一度行ってください。", "Put the file right and try again.",
    ),
    "file_unreadable": (
        "{file} を読めません（{why}）。", "{file} cannot be read ({why}).",
        "ファイルの場所と名前、読み取りの権限を確かめてください。", "Check its place, its name and whether you may read it.",
    ),
    "file_error": (
        "{file} を扱えません（{why}）。", "{file} cannot be used ({why}).",
        "場所と名前、権限、ディスクの空きを確かめてください。", "Check its place, its name, its permissions and the room on the disk.",
    ),
    "settings_invalid": (
        "設定 {name} の値を使えません。", "The setting {name} cannot be used.",
        "{expected_ja}環境変数か bansou.toml を直してください。", "{expected_en}Put the environment variable or bansou.toml right.",
    ),
    "settings_file": (
        "設定のファイル bansou.toml を読めません。", "The settings file bansou.toml cannot be read.",
        "TOML の書き方を確かめてください（{why}）。", "Check that it is TOML ({why}).",
    ),
    "chain_broken": (
        "ケース {case} の履歴が、書かれた時のものと違います。{ja}", "The history of case {case} is not as it was written. {en}",
        "何も書き込まず、控えと比べてください。", "Write nothing, and compare it with a backup.",
    ),
    "lost_race": (
        "ほかの操作が先に書き込み続けたため、行えませんでした。何も変わっていません。",
        "Others kept writing first, so it was not done. Nothing has changed.",
        "少し待って、もう一度行ってください。", "Wait a moment and try again.",
    ),
    "invariant": (
        "この操作は守るべき決まり（{rule}）を破るため、データベースが止めました。何も変わっていません。",
        "The database stopped this because it would have broken a rule that must hold ({rule}). Nothing has changed.",
        "bansou の不具合です。{log_ja}開発元に知らせてください。", "This is a fault of bansou. {log_en}Please report it.",
    ),
    "fault": (
        "bansou の不具合で、操作を終えられませんでした（{type}）。途中までの記録は残っていません。",
        "A fault of bansou kept this from being done ({type}). No half record was left.",
        "{log_ja}もう一度行っても続くときは、開発元に知らせてください。", "{log_en}If it goes on, please report it.",
    ),
    "not_installed": (
        "この版の bansou には、{what} がまだ入っていません。", "This bansou does not have {what} yet.",
        "新しい版にしてください。", "Use a newer version.",
    ),
    "still_held": (
        "退任する人が、まだ担当の約束を持っています: {who}", "Somebody who is to leave still holds work: {who}",
        "先に bansou hand-over で引き継いでから、もう一度読み込んでください。名簿は元のままです。",
        "Hand it over first (`bansou hand-over`), then load again. The directory is unchanged.",
    ),
    "interrupted": (
        "中断しました。", "Interrupted.",
        "終わった分は記録されています。途中までの記録は残っていません。もう一度行えば続きからになります。",
        "What was finished is on record and nothing is half done. Run it again to go on.",
    ),
    "findings": (
        "{file} に直すところがあります（誤り {errors} 件）。", "{file} has to be put right ({errors} errors).",
        "示した箇所を直して、もう一度行ってください。", "Put the places right and try again.",
    ),
}  # fmt: skip
"""Answers of the command's own that are "no", by code, as above. Exit status 1."""
