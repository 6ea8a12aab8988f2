"""The words of the field: enumerations and the Japanese and English label of every member.

Whatever a person reads about a kind, a grade or a status takes its words from
here, so that two screens never name one thing differently.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Self

Instant = datetime
"""An aware UTC instant in whole seconds."""


class Labelled(StrEnum):
    """A closed set of words, each with a Japanese and an English label."""

    ja: str
    en: str

    def __new__(cls, value: str, ja: str, en: str) -> Self:
        """Make a member that is its own identifier and carries both labels."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.ja = ja
        member.en = en
        return member

    @classmethod
    def of(cls, value: str) -> Self:
        """Return the member with this identifier. Raises ValueError when there is none."""
        found = cls._value2member_map_.get(value)
        if not isinstance(found, cls):
            raise ValueError(f"{value!r} is not one of {', '.join(cls)}")  # noqa: TRY004  a wrong word, not a wrong type
        return found

    def label(self, lang: str) -> str:
        """Return the label in `ja` or `en`."""
        return self.en if lang == "en" else self.ja


class Subject(Labelled):
    """Whom a case is about."""

    HOUSEHOLD = "household", "世帯", "household"
    PERSON = "person", "個人", "person"
    ADDRESS = "address", "住所", "address"


class CaseStatus(Labelled):
    """Whether somebody still accompanies the case."""

    OPEN = "open", "支援中", "open"
    CLOSED = "closed", "終結", "closed"


class ObligationKind(Labelled):
    """What sort of promise an obligation is."""

    FOLLOW_UP = "follow_up", "連絡", "follow-up"
    REVIEW = "review", "見直し", "review"
    DEADLINE = "deadline", "期限", "deadline"
    APPROVAL = "approval", "決裁", "approval"
    CONSENT = "consent", "同意の確認", "consent"
    REFERRAL = "referral", "つなぎの返答", "referral answer"
    HANDOVER = "handover", "引継ぎの受領", "hand-over answer"
    PAUSE_REVIEW = "pause_review", "休止の見直し", "review of a pause"


class ObligationStatus(Labelled):
    """How an obligation stands. There is no other way for it to end."""

    LIVE = "live", "継続中", "live"
    FULFILLED = "fulfilled", "完了", "fulfilled"
    REPLACED = "replaced", "切替", "replaced"
    WITHDRAWN = "withdrawn", "取下げ", "withdrawn"


class Grade(Labelled):
    """How near a contact came to the person, from the weakest to the strongest."""

    ATTEMPT = "attempt", "試み", "attempt"
    INDIRECT = "indirect", "間接確認", "indirect confirmation"
    MESSAGE = "message", "応答", "answered message"
    VOICE = "voice", "通話", "voice"
    SEEN = "seen", "目視", "seen in person"
    INTERVIEW = "interview", "面談", "interview"
    HOME_VISIT = "home_visit", "居室内面談", "interview in the home"

    @property
    def rank(self) -> int:
        """Position in the order of grades, 0 for the weakest."""
        return _GRADE_RANK[self]

    def reaches(self, needed: Grade | None) -> bool:
        """Whether a contact of this grade fulfils an obligation that needs `needed`."""
        return needed is None or self.rank >= needed.rank


_GRADE_RANK = {grade: rank for rank, grade in enumerate(Grade)}


class Authority(Labelled):
    """Who set a clock. The first two may not be loosened by a local author."""

    STATUTE = "statute", "法令", "statute"
    NATIONAL_GUIDANCE = "national_guidance", "国の通知", "national guidance"
    LOCAL_RULE = "local_rule", "自治体の定め", "local rule"
    PRODUCT_DEFAULT = "product_default", "標準設定", "product default"


class ConsentStatus(Labelled):
    """What the person said about a kind of consent."""

    NOT_ASKED = "not_asked", "未確認", "not asked"
    GIVEN = "given", "同意あり", "given"
    DECLINED = "declined", "同意なし", "declined"
    WITHDRAWN = "withdrawn", "撤回", "withdrawn"


class RoleKind(Labelled):
    """Who can hold a role."""

    PERSON = "person", "担当者", "person"
    TEAM = "team", "チーム", "team"
    MEETING = "meeting", "会議", "meeting"


class Sharing(Labelled):
    """On what ground a meeting may hear of a case."""

    CONSENT = "consent", "本人の同意", "consent of the person"
    STATUTE = "statute", "法令の守秘義務", "statutory secrecy"
    NONE = "none", "個人情報を扱わない", "no personal content"


class HolderKind(Labelled):
    """What can hold an obligation."""

    PERSON = "person", "職員", "person"
    TEAM = "team", "チーム", "team"
    AGENCY = "agency", "関係機関", "agency"


class Standing(Labelled):
    """Whether a holder can be given work today."""

    ACTIVE = "active", "在籍", "active"
    LEFT = "left", "退任", "left"


class MoveReason(Labelled):
    """Why a due date on record was moved."""

    DEFERRAL = "deferral", "延期", "deferral"
    PAUSE = "pause", "休止", "pause"
    CALENDAR = "calendar", "暦の更新", "calendar grew"


class HolderReason(Labelled):
    """Why an obligation came to its present holder."""

    OWN = "own", "ケースの担当", "the case's own holder of the role"
    COVER = "cover", "不在の代行", "cover during an absence"
    TEAM = "team", "チーム", "the team that holds the role"
    ROLE = "role", "役割の担当", "a holder of the role"
    ABOVE = "above", "上位の役割", "the role above"
    DUTY_DESK = "duty_desk", "当番窓口", "the duty desk"
    LADDER = "ladder", "督促による移管", "handed over by the ladder"
    HANDOVER = "handover", "引継ぎ", "hand-over"


class Channel(Labelled):
    """How a consultation came in."""

    VISIT = "visit", "来所", "visit"
    PHONE = "phone", "電話", "phone"
    LETTER = "letter", "手紙・メール", "letter or mail"
    OUTREACH = "outreach", "訪問", "outreach"
    AGENCY = "agency", "関係機関から", "from an agency"
    COMMUNITY = "community", "民生委員・地域から", "from the community"
    OTHER = "other", "その他", "other"


class Sex(Labelled):
    """Sex as ISO/IEC 5218 codes it; the systems of Japanese offices exchange these digits."""

    NOT_KNOWN = "0", "不明", "not known"
    MALE = "1", "男", "male"
    FEMALE = "2", "女", "female"
    NOT_APPLICABLE = "9", "適用外", "not applicable"

    @classmethod
    def said(cls, text: str) -> str:
        """Return the code of what was typed (男, female, 2), or the text itself where it is none of them."""
        known = {
            word.casefold(): each.value for each in cls for word in (each.value, each.ja, each.en, each.en[0])
        }
        known.pop("n", None)
        return known.get(text.strip().casefold(), text)

    @classmethod
    def words(cls, code: str, lang: str) -> str:
        """Name a recorded code, or give back what was recorded in other words."""
        return next((each.label(lang) for each in cls if each.value == code), code)


class InboxGroup(Labelled):
    """The four groups of a worker's inbox, in the order in which they are shown."""

    OVERDUE = "overdue", "期限超過", "overdue"
    TODAY = "today", "今日", "today"
    UPCOMING = "upcoming", "今後", "upcoming"
    WAITING = "waiting", "相手待ち", "waiting for others"


class Limit(IntEnum):
    """Bounds that hold everywhere, so that nothing grows without end."""

    NOTE_CHARACTERS_MAX = 20_000
    PERSONS_PER_CASE_MAX = 30
    CASCADE_EVENTS_MAX = 200
    LIVE_OBLIGATIONS_MAX = 200
