from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connector.errors import SettingsError, SettingsMissing
from connector.settings import RestSettings, Settings
from connector.settings.file import find_settings_file, load_passwords, load_settings
from connector.settings.toml_lines import TomlLines
from connector.settings.words import fields_at, setting_names

COMMENTED_DEFAULT = re.compile(r"^# ([a-z_]+ = )", re.MULTILINE)
SOURCE = """
[sources.vnpt]
base_url = "https://ioffice.example/qlvb/"
[[sources.vnpt.accounts]]
username = "ketnoi.vp"
password_env = "IOFFICE_PASSWORD"
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def problems(path: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    return [text.removeprefix(f"{path}:") for text in caught.value.problems]


class TestExampleFile:
    @pytest.fixture
    def example(self, root: Path) -> str:
        return (root / "config.example.toml").read_text(encoding="utf-8")

    def test_it_loads_as_it_is_and_changes_no_default(self, example: str, write: Write) -> None:
        loaded = load_settings(write(example))
        assert loaded.model_copy(update={"sources": {}}) == Settings()
        source = loaded.sources["vnpt"]
        assert source == RestSettings(base_url=source.base_url, accounts=source.accounts)

    def test_every_default_it_shows_is_the_default(self, example: str, write: Write) -> None:
        shown = COMMENTED_DEFAULT.sub(r"\1", example)
        assert load_settings(write(shown)) == load_settings(write(example))

    def test_it_names_every_setting(self, example: str) -> None:
        shown = tomllib.loads(COMMENTED_DEFAULT.sub(r"\1", example))
        names = setting_names(Settings)
        assert "sources.*.accounts.*.password_file" in names
        assert [name for name in names if not stands_in(shown, name.split("."))] == []

    def test_every_setting_in_it_is_explained_in_the_line_above(self, example: str) -> None:
        lines = example.splitlines()
        keys = [n for n, line in enumerate(lines) if re.match(r"^(# )?[a-z_]+ = ", line)]
        bare = [lines[n] for n in keys if not re.match(r"^# .*[.;]$", lines[n - 1]) and "Ví dụ" not in lines[n - 1]]
        assert len(keys) == len(setting_names(Settings))
        assert bare == []

    def test_every_duration_in_it_has_its_unit(self, example: str) -> None:
        lines = example.splitlines()
        units = {"seconds": "giây", "days": "ngày", "hours": "giờ", "months": "tháng", "mb": "MB"}
        for number, line in enumerate(lines):
            if found := re.match(r"^# [a-z_]*_(seconds|days|hours|months|mb) = ", line):
                assert units[found[1]] in lines[number - 1], line


def stands_in(node: Any, steps: list[str]) -> bool:
    if not steps:
        return True
    if isinstance(node, list):
        return any(stands_in(inner, steps[1:]) for inner in node)
    if steps[0] == "*":
        return any(stands_in(inner, steps[1:]) for inner in node.values())
    return steps[0] in node and stands_in(node[steps[0]], steps[1:])


def test_every_setting_has_a_description() -> None:
    def bare(place: tuple[str, ...]) -> list[str]:
        fields = fields_at(Settings, place) or {}
        return [".".join((*place, name)) for name, info in fields.items() if not info.description]

    sections = [(name,) for name in Settings.model_fields]
    nested = [("sources", "vnpt"), ("sources", "vnpt", "accounts", "0")]
    assert [name for place in [*sections, *nested] for name in bare(place)] == []


class TestFindingTheFile:
    def test_the_order_is_argument_then_variable_then_folder(self, tmp_path: Path) -> None:
        named, chosen = tmp_path / "a.toml", tmp_path / "b.toml"
        for path in (named, chosen, tmp_path / "config.toml"):
            path.touch()
        environ = {"CONNECTOR_CONFIG": str(chosen)}
        assert find_settings_file(named, environ) == named
        assert find_settings_file(None, environ) == chosen
        assert find_settings_file(None, {}) == Path("config.toml")

    def test_a_file_named_but_missing_is_not_replaced_by_another(self, tmp_path: Path) -> None:
        (tmp_path / "config.toml").touch()
        with pytest.raises(SettingsMissing, match=r"gone\.toml \(theo --config\)"):
            find_settings_file(tmp_path / "gone.toml", {})
        with pytest.raises(SettingsMissing, match="CONNECTOR_CONFIG"):
            find_settings_file(None, {"CONNECTOR_CONFIG": str(tmp_path / "gone.toml")})

    @pytest.mark.skipif(Path("/etc/connector/config.toml").exists(), reason="this machine has a connector")
    def test_nothing_found_names_all_places(self) -> None:
        with pytest.raises(SettingsMissing) as caught:
            find_settings_file(None, {})
        text = str(caught.value)
        assert all(place in text for place in ("$CONNECTOR_CONFIG", "./config.toml", "/etc/connector/config.toml"))


class TestProblems:
    def test_all_are_named_at_once_with_line_and_key_in_the_order_of_the_file(self, write: Write) -> None:
        path = write(
            '[office]\nnmae = "x"\ntimezone = "Asia/Ho_Chi_Min"\n\n[smtp]\nport = 99999\ntimeout_seconds = 0\n'
            '[log]\nlevel = "inof"\n'
        )
        assert problems(path) == [
            "2: office.nmae: không có khóa này; tên gần nhất: name",
            "3: office.timezone: không có múi giờ này; tên gần nhất: Asia/Ho_Chi_Minh",
            "6: smtp.port: phải không quá 65535",
            "7: smtp.timeout_seconds: phải lớn hơn 0 giây",
            "9: log.level: phải là một trong: debug, info, warning, error (gần nhất: info)",
        ]

    @pytest.mark.parametrize(
        ("text", "line", "words"),
        [
            ("[office\n", 1, "Expected"),
            ('[office]\nname = "x\n', 2, "dấu nháy kép"),
            ("[office]\nname\n", 2, "dấu ="),
            ("[calendar]\nday_closes_at = 22:30\n", 2, "chữ và giờ phải đặt trong dấu nháy kép"),
            ("[log]\n[office]\n[log]\n", 3, "đã được khai"),
            ("[office]\nagency_order = [\n", 2, "giá trị sai"),
        ],
    )
    def test_a_syntax_error_names_its_line_and_a_likely_cause(
        self, write: Write, text: str, line: int, words: str
    ) -> None:
        (problem,) = problems(write(text))
        assert problem.startswith(f"{line}: ")
        assert words in problem

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('timezone = "x"', "1: timezone: không có khóa này ở đây; khóa thuộc mục [office]"),
            ("[source.vnpt]", "1: source: không có khóa này; tên gần nhất: sources"),
            ('[office]\ncounted_assigners = "A"', "2: office.counted_assigners: phải là danh sách trong ngoặc vuông"),
            ("[office]\nname = 5", "2: office.name: phải là chữ, đặt trong dấu nháy kép"),
            ('[smtp]\nport = "abc"', "2: smtp.port: phải là số nguyên"),
            ("[smtp]\nattempts = true", "2: smtp.attempts: phải là số, không phải true hoặc false"),
            ("[smtp]\nattempts = 0", "2: smtp.attempts: phải từ 1 lần trở lên"),
            ("[smtp]\nlease_seconds = inf", "2: smtp.lease_seconds: phải là một số hữu hạn"),
            ('[smtp]\nsender = "abc"', "2: smtp.sender: không phải một địa chỉ thư điện tử"),
            ("[calendar]\nday_closes_at = 17", '2: calendar.day_closes_at: phải là giờ trong ngày dạng "HH:MM"'),
            ('[detection]\nroll_due_forward = "có"', "2: detection.roll_due_forward: phải là true hoặc false"),
            ("[office]\nagency_order = [\n 'a',\n 7]", "2: office.agency_order[2]: phải là chữ"),
            ('[vocabulary.status]\n"Đã xong" = "DNE"', "2: vocabulary.status.Đã xong: phải là một trong: NOT_STARTED"),
            ('[daemon]\ndetect = "30 7 * * 1-5"', "2: daemon.detect: thứ trong tuần phải viết bằng tên"),
            ('[daemon]\ndetect = "99 7 * * *"', "2: daemon.detect: thời gian biểu không đọc được"),
            ('[daemon]\ndetect = "daily"', "2: daemon.detect: phải có đúng năm phần"),
            ('[sources.a]\nbase_url = "https://a.example/"', "1: sources.a.accounts: thiếu khóa bắt buộc này"),
        ],
    )
    def test_each_kind_is_said_in_words(self, write: Write, text: str, expected: str) -> None:
        (problem,) = problems(write(text))
        assert problem.startswith(expected)

    def test_a_choice_of_two_kinds_makes_one_sentence(self, write: Write) -> None:
        (problem,) = problems(write(SOURCE.replace("[[", "document_stores = 5\n[[")))
        assert 'ví dụ ["a", "b"] hoặc phải là một trong: menu' in problem

    def test_a_file_that_is_not_utf8_or_not_there_is_a_settings_error(self, tmp_path: Path) -> None:
        path = tmp_path / "config.toml"
        path.write_bytes('[office]\nname = "Văn phòng"'.encode("utf-16"))
        assert "UTF-8" in problems(path)[0]
        with pytest.raises(SettingsError, match="không đọc được tệp"):
            load_settings(tmp_path / "gone.toml")

    def test_a_byte_order_mark_and_decomposed_letters_are_taken_as_meant(self, tmp_path: Path) -> None:
        path = tmp_path / "config.toml"
        path.write_bytes('\ufeff[office]\r\nname = "Va\u0306n pho\u0300ng"\r\n'.encode())
        assert load_settings(path).office.name == "Văn phòng"


class TestSecretsInTheFile:
    @pytest.mark.parametrize("key", ["password", "token", "client_secret", '"mật khẩu"', "api_key"])
    def test_a_secret_is_refused_by_its_name_and_never_repeated(self, write: Write, key: str) -> None:
        path = write(SOURCE + f'{key} = "Rat-bi-mat-1"\n')
        (problem,) = problems(path)
        assert problem.startswith("7: sources.vnpt.accounts[1]")
        assert "password_file" in problem
        assert "password_env" in problem
        assert "Rat-bi-mat" not in problem

    def test_a_password_in_an_address_is_refused(self, write: Write) -> None:
        (problem,) = problems(write('[storage]\ndatabase = "postgresql://u:Rat-bi-mat-1@db/x"'))
        assert ".pgpass" in problem
        assert "Rat-bi-mat" not in problem

    def test_a_password_where_a_variable_name_belongs_is_refused(self, write: Write) -> None:
        (problem,) = problems(write(SOURCE.replace("IOFFICE_PASSWORD", "Rat-bi-mat-1")))
        assert "TÊN của biến môi trường" in problem
        assert "Rat-bi-mat" not in problem

    def test_labels_and_agency_codes_may_be_called_anything(self, write: Write) -> None:
        loaded = load_settings(write('[letters.mailboxes]\nTOKEN_PASS = "a@b.example"'))
        assert loaded.letters.mailboxes == {"TOKEN_PASS": "a@b.example"}

    def test_an_account_names_exactly_one_place_for_its_password(self, write: Write) -> None:
        (both,) = problems(write(SOURCE + 'password_file = "p"'))
        assert both.startswith("6: sources.vnpt.accounts[1].password_env: chỉ khai một trong hai")
        (none,) = problems(write(SOURCE.replace("IOFFICE_PASSWORD", "")))
        assert none.startswith("4: sources.vnpt.accounts[1].password_file: chưa khai nơi để mật khẩu")

    def test_the_relay_needs_a_password_only_with_a_username(self, write: Write) -> None:
        assert load_settings(write('[smtp]\nhost = "relay.example"')).smtp.username == ""
        (problem,) = problems(write('[smtp]\nusername = "u"'))
        assert "smtp.password_file: chưa khai" in problem
        (problem,) = problems(write('[smtp]\npassword_env = "X"'))
        assert "smtp.username: có khai mật khẩu" in problem

    def test_an_account_is_named_once(self, write: Write) -> None:
        second = '[[sources.vnpt.accounts]]\nusername = "ketnoi.vp"\npassword_env = "B"\n'
        (problem,) = problems(write(SOURCE + second))
        assert problem.startswith("8: sources.vnpt.accounts[2].username: tài khoản này đã được khai")


class TestPasswords:
    def secret_file(self, tmp_path: Path, text: str = "Thử-nghiệm 1\n", mode: int = 0o600) -> Path:
        path = tmp_path / "ioffice"
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def load(self, write: Write, text: str, environ: dict[str, str]) -> Any:
        path = write(text)
        return load_passwords(load_settings(path), environ, path)

    def test_they_come_from_variables_and_files_without_the_last_line_break(self, write: Write, tmp_path: Path) -> None:
        file = self.secret_file(tmp_path)
        text = SOURCE + f'[smtp]\nusername = "u"\npassword_file = "{file}"\n'
        passwords = self.load(write, text, {"IOFFICE_PASSWORD": "abc"})
        assert passwords.sources["vnpt"]["ketnoi.vp"].get_secret_value() == "abc"
        assert passwords.smtp.get_secret_value() == "Thử-nghiệm 1"
        assert "abc" not in repr(passwords)

    def test_a_systemd_credential_is_found_through_its_folder(self, write: Write, tmp_path: Path) -> None:
        self.secret_file(tmp_path, mode=0o440)
        text = SOURCE.replace('password_env = "IOFFICE_PASSWORD"', 'password_file = "$CREDENTIALS_DIRECTORY/ioffice"')
        passwords = self.load(write, text, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
        assert passwords.sources["vnpt"]["ketnoi.vp"].get_secret_value() == "Thử-nghiệm 1"
        with pytest.raises(SettingsError, match="CREDENTIALS_DIRECTORY chưa được đặt"):
            self.load(write, text, {})

    def test_a_file_others_can_read_is_refused_with_the_command_that_mends_it(
        self, write: Write, tmp_path: Path
    ) -> None:
        file = self.secret_file(tmp_path, mode=0o644)
        with pytest.raises(SettingsError) as caught:
            self.load(write, f'[smtp]\nusername = "u"\npassword_file = "{file}"\n', {})
        (problem,) = caught.value.problems
        assert ":3: smtp.password_file: người khác cũng đọc được" in problem
        assert f"chmod 600 {file}" in problem

    def test_all_that_are_missing_are_named_at_once(self, write: Write, tmp_path: Path) -> None:
        text = SOURCE + f'[smtp]\nusername = "u"\npassword_file = "{tmp_path / "gone"}"\n'
        with pytest.raises(SettingsError) as caught:
            self.load(write, text, {})
        first, second = caught.value.problems
        assert ":6: sources.vnpt.accounts[1].password_env: biến môi trường IOFFICE_PASSWORD chưa được đặt" in first
        assert ":9: smtp.password_file: không đọc được" in second

    def test_an_empty_password_is_no_password(self, write: Write) -> None:
        with pytest.raises(SettingsError, match="mật khẩu trống"):
            self.load(write, SOURCE, {"IOFFICE_PASSWORD": ""})

    def test_a_place_that_is_no_readable_file_is_named(self, write: Write, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        folder.mkdir(mode=0o700)
        with pytest.raises(SettingsError, match="không đọc được"):
            self.load(write, f'[smtp]\nusername = "u"\npassword_file = "{folder}"\n', {})


def test_lines_are_found_in_tables_arrays_of_tables_dotted_keys_and_long_values() -> None:
    text = '''# c
a.b = 1
long = """
x = 1
"""
[t."đ.k"]
list = [
  1, # y = 2
  2,
]
[[t.rows]]
k = { x = 1 }
[[t.rows]]
k = 2
[t.rows.sub]
z = 1
'''
    lines = TomlLines(text)
    places: dict[tuple[str | int, ...], int] = {
        ("a", "b"): 2,
        ("long",): 3,
        ("t",): 6,
        ("t", "đ.k"): 6,
        ("t", "đ.k", "list", 1): 7,
        ("t", "rows", 0): 11,
        ("t", "rows", 0, "k", "x"): 12,
        ("t", "rows", 1, "k"): 14,
        ("t", "rows", 1, "sub", "z"): 16,
        ("t", "rows", 1, "missing"): 13,
    }
    assert {place: lines.line(place) for place in places} == places
    assert lines.line(("nothing",)) is None
