"""What a label nobody has mapped most likely means, for a proposal a person decides on (never applied by itself, F14).
Pure.

A label is read whole: words that change nothing, one known phrase, words that change nothing. One word that is not in
the tables, or phrases of two meanings, and there is no reading. So "chưa", "không", "chờ", "sắp" before or behind
"hoàn thành" can never come out as done, whatever else is written: they are words of no table, except in phrases that
hold the negation themselves ("chưa hoàn thành").

Sources of the phrases: the built-in labels, and the notes on domain rules, sections 4 and 5.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from connector.domain.status import LogAction, Role, Status
from connector.normalise.vocabulary import ACTION_LABELS, ROLE_LABELS, STATUS_LABELS

Words = tuple[str, ...]
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # huyền, sắc, ngã, hỏi, nặng
_TOKEN = re.compile(r"\w+|[^\w\s.,:;()\"'“”\-–]")  # an odd sign may change the meaning: it counts as a word


@dataclass(frozen=True, slots=True)
class Reading:
    """``word`` is what the label seems to mean, "" if nobody can tell; ``reason`` why, in Vietnamese."""

    word: str
    reason: str


def words_of(label: str) -> Words:
    """The words of a label, without regard to case, composition, punctuation and the place of the tone mark ("hủy",
    "huỷ")."""
    return tuple(_tone_last(word.casefold()) for word in _tokens(label))


def _tokens(label: str) -> list[str]:
    return _TOKEN.findall(unicodedata.normalize("NFC", label))


def _tone_last(word: str) -> str:
    parts = unicodedata.normalize("NFD", word)
    return "".join(c for c in parts if c not in _TONES) + "".join(c for c in parts if c in _TONES)


def _bare(words: Words) -> str:
    """Without any marks: "da hoan thanh"."""
    parts = unicodedata.normalize("NFD", " ".join(words)).replace("đ", "d")
    return "".join(c for c in parts if not unicodedata.combining(c))


def _phrases(text: str) -> list[str]:
    return [one.strip() for one in text.split(";")]


@dataclass(frozen=True)
class Grammar:
    """``known``: phrase → word, those of the program. ``synonyms``: word → further phrases, "; " between them.
    ``before``, ``after``: words that change nothing in front of and behind a phrase. ``unclear``: labels that people
    use for different things, and why."""

    known: Mapping[str, str]
    synonyms: Mapping[str, str]
    before: str
    after: str
    unclear: Mapping[str, str]

    @cached_property
    def _stems(self) -> dict[Words, tuple[str, str]]:
        """Words → (meaning, the phrase as written)."""
        stems = {words_of(one): (word, one) for word, text in self.synonyms.items() for one in _phrases(text)}
        return stems | {words_of(label): (str(word), label) for label, word in self.known.items()}

    @cached_property
    def _neutral(self) -> tuple[frozenset[Words], frozenset[Words]]:
        before, after = (frozenset(words_of(one) for one in _phrases(text)) for text in (self.before, self.after))
        return before, after

    @cached_property
    def _unclear(self) -> dict[Words, str]:
        return {words_of(label): why for labels, why in self.unclear.items() for label in _phrases(labels)}

    def read(self, label: str) -> Reading:
        words = words_of(label)
        if why := self._unclear.get(words):
            return Reading("", why)
        if label.isascii() and (typed := self._without_marks(words)):
            return typed
        found, neutral, unknown = self._parse(words)
        if unknown is not None:
            return Reading("", f"chưa rõ nghĩa của “{_tokens(label)[unknown]}”, có thể làm đổi nghĩa cả nhãn")
        if len({meaning for meaning, _ in found}) != 1:
            several = " và ".join(f"“{phrase}” ({meaning})" for meaning, phrase in found)
            return Reading("", f"nhãn có nhiều nghĩa: {several}" if several else "không có cụm từ nào đã biết")
        meaning, phrase = found[0]
        if neutral or len(found) > 1:
            return Reading(meaning, f"có cụm từ đã biết “{phrase}”, các từ còn lại không làm đổi nghĩa")
        if phrase in self.known:
            return Reading(meaning, f"cùng chữ với nhãn có sẵn “{phrase}”, chỉ khác cách bỏ dấu hoặc dấu câu")
        return Reading(meaning, f"“{phrase}” đồng nghĩa với nhãn có sẵn “{self._known_as(meaning)}”")

    def _known_as(self, meaning: str) -> str:
        return next(label for label, word in self.known.items() if word == meaning)

    def _without_marks(self, words: Words) -> Reading | None:
        """The whole label typed without Vietnamese marks, if only one meaning can be meant."""
        bare = " ".join(words)
        fits = {(meaning, phrase) for stem, (meaning, phrase) in self._stems.items() if _bare(stem) == bare}
        if len({meaning for meaning, _ in fits}) != 1:
            return None
        meaning, phrase = min(fits)
        return Reading(meaning, f"viết không dấu của “{phrase}”")

    def _parse(self, words: Words) -> tuple[list[tuple[str, str]], bool, int | None]:
        """Phrases found, whether words that change nothing stood beside them, place of the first word nobody knows;
        the longest match counts."""
        found: list[tuple[str, str]] = []
        neutral = False
        at = 0
        while at < len(words):
            pieces = ((end, words[at:end]) for end in range(len(words), at, -1))
            known = self._stems.keys() | self._neutral[bool(found)]
            end, piece = next(((end, piece) for end, piece in pieces if piece in known), (at, ()))
            if end == at:
                return found, neutral, at
            if piece in self._stems:
                found.append(self._stems[piece])
            else:
                neutral = True
            at = end
        return found, neutral, None


_DEADLINES = (
    "trong hạn; còn hạn; còn thời hạn; trong thời hạn; sắp đến hạn; sắp quá hạn; quá hạn; quá thời hạn; trễ hạn"
)

STATUS = Grammar(
    known={label: str(word) for label, word in STATUS_LABELS.items()},
    synonyms={
        Status.NOT_STARTED: "chưa xử lý; chưa bắt đầu; chưa triển khai; chưa giải quyết; chờ tiếp nhận; chờ phân công; "
        "chờ xử lý; chờ thực hiện; đang chờ xử lý; đang chờ thực hiện",
        Status.IN_PROGRESS: "đang tiến hành; chưa hoàn tất; chưa xong; chưa kết thúc; chưa thực hiện xong; "
        "chưa xử lý xong; chưa giải quyết xong",
        Status.WAIT_CONFIRM: "chờ nghiệm thu; chờ kiểm tra; chờ đánh giá; đang chờ xác nhận; đang chờ duyệt; "
        "đang chờ phê duyệt; chờ xác nhận hoàn thành; chờ duyệt hoàn thành; chờ phê duyệt hoàn thành",
        Status.RETURNED: "làm lại; xử lý lại; yêu cầu làm lại; yêu cầu thực hiện lại; không xác nhận; không duyệt; "
        "không phê duyệt; từ chối duyệt; từ chối phê duyệt",
        Status.REFUSED: "từ chối thực hiện; từ chối xử lý; không tiếp nhận",
        Status.PAUSED: "tạm ngừng; tạm ngưng; đang tạm dừng; đang tạm hoãn",
        Status.DONE: "hoàn tất; xong; thực hiện xong; xử lý xong; giải quyết xong",
        Status.CANCELLED: "hủy bỏ",
    },
    before="đã; được; bị; công việc; nhiệm vụ",
    after="công việc; nhiệm vụ; đúng hạn; trước hạn; trong hạn; quá hạn; trễ hạn",
    unclear={
        "phê duyệt; đã phê duyệt; duyệt; đã duyệt": "có nơi là xong cả nhiệm vụ, có nơi chỉ xong một bước",
        "đã xử lý; đã thực hiện; đã báo cáo": "có nơi là xong cả nhiệm vụ, có nơi chỉ xong một bước",
        "từ chối; đã từ chối": "không rõ là từ chối nhiệm vụ hay từ chối xác nhận kết quả",
        "trả về; đã trả về": "không rõ là trả lại để làm tiếp hay trả lại vì không đúng chức năng",
        _DEADLINES: "là tình trạng thời hạn, chương trình tự tính; không cho biết nhiệm vụ đã xong hay chưa",
    },
)
ROLES = Grammar(
    known={label: str(word) for label, word in ROLE_LABELS.items()},
    synonyms={
        Role.LEAD: "chủ trì xử lý; chủ trì thực hiện; xlc",
        Role.COOPERATING: "phối hợp thực hiện; ph",
        Role.INFORMED: "để biết; nhận để biết; xem",
        Role.ASSIGNER: "lãnh đạo giao; lãnh đạo giao việc; đơn vị giao; cơ quan giao; giao việc",
    },
    before="đơn vị; cơ quan; cá nhân; người; cán bộ; chuyên viên",
    after="nhiệm vụ; công việc",
    unclear={
        "theo dõi; người theo dõi": "người theo dõi không chủ trì, không phối hợp; chương trình không có vai trò này"
    },
)
ACTIONS = Grammar(
    known={label: str(word) for label, word in ACTION_LABELS.items()},
    synonyms={
        LogAction.SENT: "gửi; gửi đi; ban hành",
        LogAction.RECEIVED: "nhận",
        LogAction.FORWARDED: "chuyển; chuyển tiếp; trình; trình lãnh đạo; chuyển lãnh đạo",
        LogAction.ASSIGNED: "phân công xử lý; phân công thực hiện; giao việc; giao xử lý",
        LogAction.CLOSED: "kết thúc xử lý; hoàn thành; hoàn thành xử lý",
    },
    before="đã; văn thư; văn bản",
    after="văn bản; văn bản đến; văn bản đi",
    unclear={},
)
URGENCY = Grammar(
    known={"Thường": "normal", "Bình thường": "normal", "Khẩn": "urgent", "Thượng khẩn": "urgent", "Hỏa tốc": "urgent"},
    synonyms={"normal": "thông thường; không khẩn", "urgent": "hỏa tốc hẹn giờ"},
    before="",
    after="",
    unclear={},
)
"""Of documents. Every label that is not in ``normal_urgency`` counts as urgent."""
