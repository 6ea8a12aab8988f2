"""What is wrong with a text that is no strict YAML, in an officer's words.

libyaml says "mapping values are not allowed in this context"; the usual cause
in a Japanese office is a full-width colon or space, and that is what is said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final

_SHOWN_MAX: Final = 40

WIDE_SIGNS: Final = {
    "：": ":", "　": " ", "，": ",", "［": "[", "］": "]", "｛": "{", "｝": "}", "＃": "#", "－": "-",
    "“": '"', "”": '"', "＂": '"', "‘": "'", "’": "'", "＇": "'", "\u00a0": " ",
}  # fmt: skip
"""Full-width signs that look like the ones YAML is written with."""

_WIDE_KEY: Final = re.compile(
    r"[\s　]*(?:-\s+)*(?:[{\[]\s*)?[0-9A-Za-z_\u3040-\u30ff\u3400-\u9fff々.]+[\s　]*："
)
_WIDE_NAMES: Final = {
    "　": ("全角の空白", "a full-width space"),
    "\u00a0": ("改行しない空白", "a no-break space"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """What is wrong and what to do, in Japanese and English."""

    ja: str
    en: str
    do_ja: str
    do_en: str

    def filled(self, **values: Any) -> Words:
        """Return the words with `{name}` replaced."""
        return Words(*(each.format(**values) for each in (self.ja, self.en, self.do_ja, self.do_en)))

    def followed(self, hint: tuple[str, str] | None) -> Words:
        """Return the words with a hint put before the advice."""
        if hint is None:
            return self
        return replace(self, do_ja=hint[0] + self.do_ja, do_en=f"{hint[1]} {self.do_en}")


def shown(text: str) -> str:
    """Return a text short enough for a sentence, on one line, with nothing invisible in it."""
    plain = "".join(each if each.isprintable() or each == "\u3000" else "�" for each in text)
    return plain if len(plain) <= _SHOWN_MAX else plain[: _SHOWN_MAX - 1] + "…"


REFUSED: Final = {
    "size": Words(
        "ファイルが大きすぎます（{size} バイト。上限は {limit} バイト）。",
        "The file is too large ({size} bytes; the limit is {limit}).",
        "正しいファイルか確かめ、支援経路を分けてください。",
        "See whether it is the right file, or divide the pathway.",
    ),
    "invisible": Words(
        "目に見えない文字（{code}）があります。",
        "There is an invisible character ({code}).",
        "この位置の文字を消して、書き直してください。",
        "Remove the character at this place and write it anew.",
    ),
    "escape": Words(
        "値の中に目に見えない文字（{code}）があります。",
        "The value holds an invisible character ({code}).",
        "\\ で始まる書き方をやめ、文字をそのまま書いてください。",
        "Write the text itself instead of the escape that begins with \\.",
    ),
    "tab": Words(
        "タブがあります。字下げや区切りにタブは使えません。",
        "There is a tab. Indents and gaps are not written with tabs.",
        "タブを消し、半角の空白（字下げは2つずつ）にしてください。",
        "Replace it with spaces, two for each level.",
    ),
    "nothing": Words(
        "ファイルに中身がありません。",
        "The file is empty.",
        "内容を書くか、正しいファイルか確かめてください。",
        "Write something in it, or see whether it is the right file.",
    ),
    "several": Words(
        "一つのファイルに文書が二つ以上あります。",
        "There is more than one document in this file.",
        "「---」の行から後を消すか、別のファイルに分けてください。",
        "Remove what follows the line `---`, or put it into a file of its own.",
    ),
    "directive": Words(
        "% で始まるこの指定は使えません。",
        "This directive is not allowed.",
        "% で始まる行を消してください。",
        "Remove the line that begins with %.",
    ),
    "alias": Words(
        "「*{name}」のような参照は使えません。",
        "An alias such as *{name} is not allowed.",
        "参照先の内容をここにも書いてください。「*」で始まる言葉は引用符で囲みます。",
        "Write out what it refers to. Put quotation marks around a word that begins with *.",
    ),
    "anchor": Words(
        "「&{name}」のような目印は使えません。",
        "An anchor such as &{name} is not allowed.",
        "「&」とその名前を消してください。「&」で始まる言葉は引用符で囲みます。",
        "Remove it. Put quotation marks around a word that begins with &.",
    ),
    "tag": Words(
        "「!」で始まる型の指定（{name}）は使えません。",
        "A tag ({name}) is not allowed.",
        "指定を消してください。「!」で始まる言葉は引用符で囲みます。",
        "Remove it. Put quotation marks around a word that begins with !.",
    ),
    "merge": Words(
        "「<<」で他の部分を取り込むことはできません。",
        "Merging with << is not allowed.",
        "取り込む内容をそのまま書いてください。",
        "Write out what it would merge.",
    ),
    "duplicate": Words(
        "キー「{key}」が二度書かれています（一つ目は {line}行 {column}文字目）。",
        "The key '{key}' is written twice (first at {line}:{column}).",
        "どちらか一つを消してください。",
        "Remove one of the two.",
    ),
    "key": Words(
        "キー（「:」の前）に、一覧や組は使えません。",
        "A list or mapping cannot be a key.",
        "「:」の前には名前を一つだけ書いてください。",
        "Write a single name before the colon.",
    ),
    "no_key": Words(
        "「:」の前にキーがありません。",
        "There is no key before the colon.",
        "「:」の前に名前を書いてください。",
        "Write a name before the colon.",
    ),
    "empty": Words(
        "「{key}」の値が空です。",
        "'{key}' has no value.",
        "値を書くか、要らなければキーごと消してください。次の行に続けるときは字下げを確かめてください。",
        "Write a value, or remove the key. See whether the lines below are indented under it.",
    ),
    "empty_item": Words(
        "一覧の項目の値が空です。",
        "An item of the list has no value.",
        "値を書くか、「-」や余分な「,」を消してください。",
        "Write a value, or remove the `-` or the extra comma.",
    ),
    "deep": Words(
        "入れ子が {limit} 段より深くなっています。",
        "The nesting is deeper than {limit} levels.",
        "入れ子を浅くしてください。括弧の閉じ忘れも確かめてください。",
        "Nest less deeply. See whether a bracket was left open.",
    ),
    "nodes": Words(
        "項目が多すぎます（上限は {limit}）。",
        "There are too many items (the limit is {limit}).",
        "正しいファイルか確かめ、支援経路を分けてください。",
        "See whether it is the right file, or divide the pathway.",
    ),
    "number": Words(
        "数「{text}」は大きすぎて扱えません。",
        "The number {text} is too large.",
        "桁を確かめてください。番号などの文字列は引用符で囲みます。",
        "Check the digits. Put quotation marks around a number that is a name.",
    ),
    "endless": Words(
        "「{text}」（無限大・非数）は使えません。",
        "'{text}' (infinity, not a number) is not allowed.",
        "ふつうの数を書くか、引用符で囲んで文字列にしてください。",
        "Write a number, or put it in quotation marks to make it text.",
    ),
    "wide_space": Words(
        "「{text}」の前か後に、全角などの空白が付いています。",
        "'{text}' begins or ends with a full-width or no-break space.",
        "半角の空白にするか、消してください。空白も値の一部なら引用符で囲みます。",
        "Make it an ordinary space or remove it. If it belongs to the text, put quotation marks around it.",
    ),
    "more": Words(
        "誤りが {count} 件になったので、ここから先は調べていません。",
        "There are {count} faults; the rest of the file was not read.",
        "上の誤りを直してから、もう一度調べてください。",
        "Correct the ones above and check again.",
    ),
}

_QUOTE = (
    '値に「: 」「#」「{」などの記号を含めるときは、引用符 " で囲んでください。',
    "Put quotation marks around a value that holds signs such as ': ', '#' or '{'.",
)

_SYNTAX: Final[tuple[tuple[str, str, str, str, str], ...]] = (
    (
        "mapping values are not allowed",
        "ここに「キー: 値」は置けません。",
        "There cannot be 'key: value' here.",
        "上の行と字下げをそろえ、上の行の「:」が半角か、後に空白があるかを確かめてください。" + _QUOTE[0],
        "Line it up with the line above, and see whether the colon there is followed by a space. "
        + _QUOTE[1],
    ),
    (
        "could not find expected ':'",
        "キーの後に「: 」がありません。",
        "A key is not followed by a colon and a space.",
        "キーのすぐ後に半角の「:」と空白を書いてください。文章の続きなら字下げしてください。",
        "Write a colon and a space right after the key. Indent the line if it continues a text.",
    ),
    (
        "did not find expected ',' or",
        "括弧の中に「,」が足りないか、括弧が閉じていません。",
        "A comma is missing between brackets, or a bracket is not closed.",
        "項目の間に「, 」を置き、開いた括弧と同じ種類の括弧で閉じてください。" + _QUOTE[0],
        "Put a comma between the items and close every bracket with its own kind. " + _QUOTE[1],
    ),
    (
        "did not find expected key",
        "この行の字下げか括弧が、前の行と合っていません。",
        "The indent or a bracket of this line does not fit the lines above.",
        "同じ段の行は同じ数の空白で始めてください。括弧と引用符の閉じ方も確かめてください。",
        "Begin lines of one level with the same number of spaces; check brackets and quotation marks.",
    ),
    (
        "did not find expected '-' indicator",
        "一覧の途中に「- 」で始まらない行があります。",
        "A line in the list does not begin with a hyphen and a space.",
        "一覧の項目はどれも同じ字下げの「- 」で始めてください。",
        "Begin every item of the list with `- ` at the same indent.",
    ),
    (
        "found unexpected end of stream",
        "引用符が閉じていません。",
        "A quotation mark is not closed.",
        "値の終わりに、始まりと同じ引用符を書いてください。",
        "Write the same quotation mark at the end of the value.",
    ),
    (
        "block sequence entries are not allowed",
        "ここに「- 」で始まる項目は置けません。",
        "There cannot be an item that begins with `- ` here.",
        "「キー:」の次の行に、字下げして「- 」を書いてください。",
        "Write `- ` on the line after `key:`, indented.",
    ),
    (
        "cannot start any token",
        "この記号で値を始めることはできません。",
        "A value cannot begin with this sign.",
        '値の全体を引用符 " で囲んでください。',
        "Put quotation marks around the whole value.",
    ),
    (
        "escape",
        '引用符 " の中の「\\」の書き方が正しくありません。',
        "The backslash is not used rightly between double quotation marks.",
        "「\\」をそのまま書きたいときは \\\\ とするか、一重の引用符 ' で囲んでください。",
        "Write \\\\ for a backslash, or use single quotation marks.",
    ),
    (
        "<document start>",
        "文書が終わった後に、別の内容があります。",
        "Something follows after the end of the document.",
        "いちばん外側の書き方（「キー: 値」か括弧）を一つにそろえ、字下げと括弧を確かめてください。",
        "Keep to one mapping for the whole file; check indents and brackets.",
    ),
    (
        "undefined tag handle",
        "「!」で始まる型の指定は使えません。",
        "A tag that begins with ! is not allowed.",
        "指定を消してください。「!」で始まる言葉は引用符で囲みます。",
        "Remove it. Put quotation marks around a word that begins with !.",
    ),
)


def syntax_words(problem: str, text: str, index: int, begun: int | None) -> Words:
    """Say what libyaml's complaint at a character means, and name a full-width sign that likely causes it."""
    found = next((each[1:] for each in _SYNTAX if each[0] in problem), None)
    if found is None:
        found = (
            "この位置の書き方を YAML として読めません。",
            f"This is not YAML ({shown(problem)}).",
            "字下げ、括弧、引用符を確かめてください。" + _QUOTE[0],
            "Check indents, brackets and quotation marks. " + _QUOTE[1],
        )
    words = Words(*found)
    line = text.count("\n", 0, index) + 1
    if begun is not None and begun < line:
        words = replace(
            words, ja=words.ja + f"（始まりは {begun}行目）", en=words.en + f" (It begins in line {begun}.)"
        )
    lines = text.split("\n")
    near = sorted({line, line - 1, line - 2, begun or line}, reverse=True)
    for number in near:
        if 1 <= number <= len(lines):
            hint = _wide_hint_in(lines[number - 1], number)
            if hint is not None:
                return words.followed(hint)
    return words


def wide_hint(text: str) -> tuple[str, str] | None:
    """Return a hint where a text holds a full-width colon that was likely meant to end a key."""
    if "：" not in text:
        return None
    return (
        "全角の「：」があります。キーと値の間は半角の「:」と空白にしてください。",
        "There is a full-width colon; write an ordinary colon and a space between key and value.",
    )


def _wide_hint_in(line: str, number: int) -> tuple[str, str] | None:
    """Look for a full-width sign at a place where YAML expects its own."""
    body = line.split(" #", maxsplit=1)[0]
    at_key = _WIDE_KEY.match(body)
    if at_key:
        sign = "："
    else:
        unquoted = re.sub(r"\"[^\"]*\"|'[^']*'", "", body)
        # A full-width colon or comma inside a sentence is ordinary Japanese: only brackets, quotation
        # marks and spaces, and signs right at the beginning, are likely slips.
        found = re.search(r"(?<=:)　|^\s*([－＃　])|[［］｛｝“”＂‘’＇\u00a0]|^[ ]*[　]", unquoted)
        if found is None:
            return None
        sign = found.group(1) or found.group().strip(" ")
    name_ja, name_en = _WIDE_NAMES.get(sign, (f"全角の「{sign}」", f"a full-width '{sign}'"))
    plain_ja = "半角の空白" if WIDE_SIGNS[sign] == " " else f"半角の「{WIDE_SIGNS[sign]}」"
    if sign == "：":
        plain_ja += "と空白"
    plain_en = "an ordinary space" if WIDE_SIGNS[sign] == " " else f"'{WIDE_SIGNS[sign]}'"
    return (
        f"{number}行目に{name_ja}があります。{plain_ja}にしてください。",
        f"Line {number} has {name_en}; write {plain_en}.",
    )


def undecodable_words(content: bytes) -> Words:
    """Say which encoding a file that is not UTF-8 seems to have."""
    do_ja = "メモ帳などで開き、「名前を付けて保存」で文字コードに UTF-8 を選び、UTF-8で保存してください。"
    do_en = "Open it in an editor and save it as UTF-8."
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Words("UTF-16 で保存されています。", "The file is saved as UTF-16.", do_ja, do_en)
    if b"\0" in content:
        return Words(
            "文字のファイルではないようです（画像や表計算のファイルなど）。",
            "This seems to be no text file.",
            "正しいファイルか確かめてください。文字のファイルは UTF-8で保存してください。",
            "See whether it is the right file. Save text as UTF-8.",
        )
    for encoding, name in (("cp932", "Shift_JIS（CP932）"), ("euc_jp", "EUC-JP")):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return Words(
            f"UTF-8 ではありません。{name}で保存されているようです。",
            f"The file is not UTF-8; it seems to be {encoding.upper()}.",
            do_ja,
            do_en,
        )
    return Words(
        "UTF-8 として読めない文字があります。", "There is a character that is not UTF-8.", do_ja, do_en
    )
