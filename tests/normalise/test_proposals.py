from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.status import LogAction, Role, Status
from connector.normalise.label_reading import ACTIONS, ROLES, STATUS, URGENCY, Grammar
from connector.normalise.proposals import LISTS, LabelMeaning, Proposals, Table, propose, text_lines, toml_lines
from connector.normalise.vocabulary import STATUS_LABELS, Vocabularies
from connector.settings import VocabularySettings

NORMAL = VocabularySettings().normal_urgency


def learn(
    met: Mapping[Table, Mapping[str, int]] | None = None,
    lists: Mapping[str, list[tuple[str, object]]] | None = None,
    own: VocabularySettings | None = None,
) -> Proposals:
    own = own or VocabularySettings()
    return propose(lists or {}, met or {}, Vocabularies.of(own), own.normal_urgency)


def meaning(result: Proposals, label: str) -> LabelMeaning:
    (found,) = (one for one in result.labels if one.label == label)
    return found


def uncommented(lines: list[str]) -> str:
    """What stands in the file after an operator took the first "# " of every line away."""
    assert all(line.startswith("#") for line in lines)
    return "\n".join(line.removeprefix("# ") if line.startswith("# ") else line for line in lines)


def as_settings(result: Proposals) -> VocabularySettings:
    return VocabularySettings.model_validate(tomllib.loads(uncommented(toml_lines(result))).get("vocabulary", {}))


# -- what is mapped, and by whom ---------------------------------------------------------------------------------------


def test_every_label_says_what_it_means_and_who_said_so() -> None:
    own = VocabularySettings(status={"Đã phê duyệt": Status.DONE, "Kết thúc": Status.CANCELLED})
    labels = {"Đã hoàn thành": 5, "đã phê duyệt": 2, "Kết thúc": 1, "Hoàn tất": 4, "Đang theo dõi": 3}
    result = learn({"status": labels}, own=own)
    assert [(one.label, one.rows, one.word, one.by) for one in result.labels] == [
        ("Đã hoàn thành", 5, "DONE", "built-in"),
        ("Hoàn tất", 4, "DONE", "proposal"),
        ("Đang theo dõi", 3, "", "nobody"),
        ("đã phê duyệt", 2, "DONE", "settings"),
        ("Kết thúc", 1, "CANCELLED", "settings"),
    ]


def test_labels_are_gathered_from_rows_and_from_the_lists_of_the_source() -> None:
    lists: dict[str, list[tuple[str, object]]] = {
        "TRANGTHAITIMKIEM": [("Tất cả", -1), ("Chưa hoàn thành", 0), ("Hoàn tất", 1)],
        "TINHTRANGCONGVIEC": [("HOÀN  TẤT", 7), ("", 8), ("null", 9)],
        "units": [("Hoàn tất", "1200")],
    }
    decomposed = unicodedata.normalize("NFD", "hoàn tất")
    result = learn({"status": {"Hoàn tất": 12, decomposed: 1}}, lists)
    assert [(one.label, one.rows, one.lists) for one in result.labels] == [
        ("Hoàn tất", 13, ("TRANGTHAITIMKIEM", "TINHTRANGCONGVIEC")),
        ("Chưa hoàn thành", 0, ("TRANGTHAITIMKIEM",)),
    ]
    assert list(result.lists) == ["TRANGTHAITIMKIEM", "TINHTRANGCONGVIEC", "units"]
    assert result.lists["TRANGTHAITIMKIEM"][0] == ("Tất cả", "-1")


def test_what_the_program_knows_and_the_deployment_does_not_show_is_listed() -> None:
    result = learn({"status": {"đã hoàn thành": 1}, "roles": {"Chủ trì": 1}})
    assert set(result.unseen["status"]) == STATUS_LABELS.keys() - {"Đã hoàn thành"}
    assert "Chủ trì" not in result.unseen["roles"]
    assert "Phối hợp" in result.unseen["roles"]


# -- what is proposed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grammar", "label", "word"),
    [
        (STATUS, "Huỷ", Status.CANCELLED),
        (STATUS, "Đã hoàn thành.", Status.DONE),
        (STATUS, "da hoan thanh", Status.DONE),
        (STATUS, "Nhiệm vụ đã hoàn thành (đúng hạn)", Status.DONE),
        (STATUS, "Đã xong", Status.DONE),
        (STATUS, "Chưa xong", Status.IN_PROGRESS),
        (STATUS, "Đang chờ xử lý", Status.NOT_STARTED),
        (STATUS, "Chờ xác nhận hoàn thành", Status.WAIT_CONFIRM),
        (STATUS, "Bị trả lại", Status.RETURNED),
        (STATUS, "Từ chối thực hiện", Status.REFUSED),
        (STATUS, "Tạm ngưng", Status.PAUSED),
        (ROLES, "Đơn vị chủ trì", Role.LEAD),
        (ROLES, "Cơ quan phối hợp", Role.COOPERATING),
        (ROLES, "Nhận để biết", Role.INFORMED),
        (ROLES, "XLC", Role.LEAD),
        (ACTIONS, "Văn thư nhận", LogAction.RECEIVED),
        (ACTIONS, "Đã chuyển văn bản", LogAction.FORWARDED),
        (ACTIONS, "Ban hành", LogAction.SENT),
        (URGENCY, "Thông thường", "normal"),
        (URGENCY, "Hoả tốc", "urgent"),
    ],
)
def test_a_label_with_one_possible_meaning_is_proposed_with_its_reason(grammar: Grammar, label: str, word: str) -> None:
    reading = grammar.read(label)
    assert reading.word == word
    assert reading.reason


@pytest.mark.parametrize(
    ("grammar", "label", "why"),
    [
        (STATUS, "Đã phê duyệt", "một bước"),
        (STATUS, "Đã xử lý", "một bước"),
        (STATUS, "Từ chối", "không rõ"),
        (STATUS, "Quá hạn", "tình trạng thời hạn"),
        (STATUS, "Quá hạn hoàn thành", "“Quá”"),
        (STATUS, "Hoàn thành, chờ xác nhận", "nhiều nghĩa"),
        (STATUS, "Hoàn thành 50%", "“50”"),
        (STATUS, "Hoàn thành một phần", "“một”"),
        (STATUS, "Hoàn thành?", "“?”"),
        (STATUS, "Hoán thành", "“Hoán”"),
        (STATUS, "Đang theo dõi", "“Đang”"),
        (STATUS, "1", "“1”"),
        (STATUS, "Nhiệm vụ", "không có cụm từ nào"),
        (STATUS, "…", "“…”"),
        (ROLES, "Đồng chủ trì", "“Đồng”"),
        (ROLES, "Theo dõi", "không có vai trò"),
        (ROLES, "Không chủ trì", "“Không”"),
        (ACTIONS, "Chuyển trả", "“trả”"),
        (ACTIONS, "Thu hồi", "“Thu”"),
        (ACTIONS, "Chưa tiếp nhận", "“Chưa”"),
        (URGENCY, "Cao", "“Cao”"),
    ],
)
def test_an_ambiguous_label_gets_no_proposal_and_the_reason_is_said(grammar: Grammar, label: str, why: str) -> None:
    reading = grammar.read(label)
    assert reading.word == ""
    assert why in reading.reason


DONE_PHRASES = ("hoàn thành", "đã hoàn thành", "hoàn tất", "xong", "đã giải quyết", "kết thúc", "thực hiện xong")
HARMLESS = (
    "",
    "đã",
    "được",
    "nhiệm vụ",
    "công việc",
    "đúng hạn",
    "quá hạn",
    "(trong hạn)",
    "đang thực hiện",
    "trả lại",
)
NEGATIONS = (
    "chưa", "không", "chẳng", "chả", "đừng", "khỏi", "chưa được", "không thể", "từ chối", "hủy", "hoãn", "thu hồi",
    "sắp", "gần", "chờ", "đang", "sẽ", "cần", "yêu cầu", "đề nghị", "nếu", "hạn", "trễ", "một phần",
    "50%", "?", "≠", "Chưa_",
)  # fmt: skip
_pieces = st.lists(st.sampled_from(HARMLESS), max_size=3)


@given(
    _pieces, st.sampled_from(NEGATIONS), _pieces, st.sampled_from(DONE_PHRASES), _pieces, st.booleans(), st.booleans()
)
@settings(max_examples=600, deadline=None)
def test_a_negated_label_is_never_proposed_as_done(
    first: list[str], negation: str, middle: list[str], done: str, last: list[str], behind: bool, odd: bool
) -> None:
    pieces = [*first, *middle, done, negation, *last] if behind else [*first, negation, *middle, done, *last]
    label = " ".join(piece for piece in pieces if piece)
    label = unicodedata.normalize("NFD", label.upper()) if odd else label
    for text in (label, label.replace(" ", " - ")):
        result = learn({"status": {text: 1}})
        assert all(one.word != Status.DONE for one in result.labels), text
    bare = unicodedata.normalize("NFD", label.lower().replace("đ", "d"))
    bare = "".join(c for c in bare if not unicodedata.combining(c))
    assert STATUS.read(bare).word != Status.DONE


# -- the printed lines -------------------------------------------------------------------------------------------------

_words = st.sampled_from([
    "Đã", "hoàn tất", "HUỶ", "xong", "nhiệm vụ", "chủ trì", "Đơn vị", "nhận", "văn thư", "thông thường", '"', "\\", "'",
    "#", "]", "=", "\n", "\t", "\x7f", "\ud800", "\u2028", "\u200b", "&amp;", "$", "chưa",
])  # fmt: skip
_labels = st.dictionaries(
    st.lists(_words, max_size=4).map(" ".join) | st.text(max_size=12), st.integers(1, 99), max_size=6
)


@given(_labels, _labels, _labels, _labels)
@settings(max_examples=200, deadline=None)
def test_the_printed_toml_is_valid_settings_and_maps_what_was_proposed(
    status: dict[str, int], roles: dict[str, int], actions: dict[str, int], urgency: dict[str, int]
) -> None:
    result = learn({"status": status, "roles": roles, "log_actions": actions, "normal_urgency": urgency})
    assert tomllib.loads("\n".join(toml_lines(result))) == {}, "nothing is in force until somebody says so"
    own = as_settings(result)
    after = learn({"status": status, "roles": roles, "log_actions": actions, "normal_urgency": urgency}, own=own)
    assert not after.proposed
    for before, now in zip(result.labels, after.labels, strict=True):
        assert (now.word, now.by) == (before.word, "settings" if before.by == "proposal" else before.by)
        assert before.label.isprintable()


def test_every_proposed_label_is_a_line_of_its_own_with_its_reason_above() -> None:
    result = learn({"status": {'Đã "xong"': 3, "Từ chối": 2}, "roles": {"Đơn vị chủ trì": 1}})
    lines = toml_lines(result)
    at = lines.index(r'# status."Đã \"xong\"" = "DONE"')
    assert lines[at - 1].startswith("## 3 bản ghi: ")
    assert '# roles."Đơn vị chủ trì" = "lead"' in lines
    (unclear,) = (line for line in lines if "Từ chối" in line)
    assert unclear.startswith("## Chưa đề xuất được")
    assert as_settings(result).status == {'Đã "xong"': Status.DONE}


def test_the_urgency_line_keeps_what_is_set_already() -> None:
    own = VocabularySettings(normal_urgency=["Thường", "Không"])
    result = learn({"normal_urgency": {"Thông thường": 4, "Khẩn": 2, "Cao": 1, "không": 1}}, own=own)
    assert as_settings(result).normal_urgency == ["Thường", "Không", "Thông thường"]
    assert [(one.label, one.word, one.by) for one in result.labels] == [
        ("Thông thường", "normal", "proposal"), ("Khẩn", "urgent", "built-in"), ("Cao", "", "nobody"),
        ("không", "normal", "settings"),
    ]  # fmt: skip
    assert "hiện được coi là khẩn" in meaning(result, "Cao").reason


def test_nothing_to_propose_prints_no_toml() -> None:
    assert toml_lines(learn({"status": {"Đã hoàn thành": 9}})) == []


def test_the_text_names_lists_labels_and_what_is_open() -> None:
    lists: dict[str, list[tuple[str, object]]] = {
        "TRANGTHAITIMKIEM": [("Tất cả", -1), ("Hoàn tất", 1)],
        "units": [(f"Sở {n}", n) for n in range(100)],
        "khac": [("Mục lạ", "X")],
    }
    text = "\n".join(text_lines(learn({"status": {"Từ chối": 2, "Đã hoàn thành": 5}}, lists)))
    assert "Trạng thái để tìm kiếm [TRANGTHAITIMKIEM], 2 mục: Tất cả (-1), Hoàn tất (1)" in text
    assert "100 mục" in text
    assert "và 88 mục nữa" in text
    assert "khac [khac], 1 mục: Mục lạ (X)" in text
    assert '"Đã hoàn thành", 5 bản ghi: DONE (có sẵn trong chương trình)' in text
    assert '"Hoàn tất", chưa có bản ghi nào, có trong danh mục TRANGTHAITIMKIEM: CHƯA KHAI. Đề xuất: DONE' in text
    assert '"Từ chối", 2 bản ghi: CHƯA KHAI. Không đề xuất: ' in text
    assert "chưa hiển thị: Chưa thực hiện," in text
    assert "(chưa thấy nhãn nào)" in text


def test_the_lists_belong_to_tables_that_exist() -> None:
    tables: set[Any] = {table for _, table in LISTS.values()} - {None}
    assert tables == {"status", "normal_urgency"}
    assert [label for label, word in URGENCY.known.items() if word == "normal"] == NORMAL
