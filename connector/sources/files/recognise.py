"""What a file is, by its bytes and content and never by its name: "Excel exports" are often something else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO
from zipfile import ZipFile

from connector.domain.tables import FileKind, Limits
from connector.errors import FileRefused
from connector.sources.files import archive, compound, delimited, edxml, encoding, markup, ods, ooxml, spreadsheetml
from connector.sources.files.encoding import Encoding, xml_codec

_SAMPLE = 1 << 16
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1a")) + b"\x7f"
_FEW = 50  # one control character in so many bytes is still text

_MAGICS = (
    (b"%PDF", "tệp PDF"),
    (b"\x89PNG", "ảnh PNG"),
    (b"\xff\xd8\xff", "ảnh JPEG"),
    (b"GIF8", "ảnh GIF"),
    (b"II*\0", "ảnh TIFF"),
    (b"MM\0*", "ảnh TIFF"),
    (b"RIFF", "tệp ảnh, âm thanh hoặc video (RIFF)"),
    (b"{\\rtf", "văn bản RTF"),
    (b"7z\xbc\xaf\x27\x1c", "tệp nén 7-Zip"),
    (b"Rar!", "tệp nén RAR"),
    (b"\x1f\x8b", "tệp nén gzip"),
    (b"SQLite format 3", "cơ sở dữ liệu SQLite"),
)
_OLD_SHEETS = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")  # before Excel 5
_IN_ZIP = (
    ("word/document.xml", "văn bản Word (.docx)"),
    ("ppt/presentation.xml", "bài trình chiếu PowerPoint (.pptx)"),
    ("content.xml", "tài liệu OpenDocument, không phải bảng tính"),
)
_IN_COMPOUND = (
    ("WordDocument", "văn bản Word (.doc)"),
    ("PowerPoint Document", "bài trình chiếu PowerPoint (.ppt)"),
    ("__properties_version1.0", "thư Outlook (.msg)"),
)

_PROLOG = re.compile(r"\A(?:\s|<\?.*?\?>|<!--.*?-->)*", re.S)
_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)[\s/>]")
_DOCTYPE = re.compile(r"<!DOCTYPE\s+(\w+)([^>\[]*\[)?", re.I)
_LATER_TABLE = re.compile(r"[^;,\t]{0,1000}<table\b", re.I)  # behind a title; cells of delimited text may hold one too
_CHARSET = re.compile(rb"""<meta[^>]+charset=["']?\s*([\w-]+)""", re.I)
_CHARSETS = re.compile(r"utf-8|us-ascii|iso-8859-\d{1,2}|windows-125\d", re.I)
_HTML = frozenset(("html", "head", "body", "meta", "title", "style", "link", "script", "table", "div", "p", "center"))
_NAMES = {";": "dấu chấm phẩy", ",": "dấu phẩy", "\t": "dấu tab"}


@dataclass(frozen=True, slots=True)
class Found:
    """``encoding``: of text kinds; ``delimiter``: of delimited text."""

    kind: FileKind
    said_by: str
    encoding: Encoding | None = None
    delimiter: str = ""


def recognise(file: BinaryIO, limits: Limits) -> Found:
    """Raises FileRefused with the true kind for all that is no table: empty, blank, foreign, old_format, protected,
    no_table, doctype, broken, encoding, and what opening an archive raises."""
    file.seek(0)
    head = file.read(_SAMPLE)
    if not head:
        raise FileRefused("empty")
    if not head.strip(b"\0"):
        raise FileRefused("blank")
    if head.startswith(archive.MAGICS):
        with archive.open_archive(file, limits) as opened:
            return _in_zip(opened)
    if head.startswith(compound.MAGIC):
        return _in_compound(file)
    if head.startswith(_OLD_SHEETS):
        raise FileRefused("old_format", found="bảng tính Excel 4 hoặc cũ hơn")
    if tag := edxml.sign(head):
        return Found("edxml", f"thẻ {tag} ở đầu tệp")
    return _text(file, head)


def _in_zip(opened: ZipFile) -> Found:
    names = set(opened.namelist())
    if ooxml.WORKBOOK in names:
        return Found("xlsx", f"tệp zip có {ooxml.WORKBOOK}")
    if "xl/workbook.bin" in names:
        raise FileRefused("old_format", found="sổ Excel nhị phân (.xlsb)")
    if {"mimetype", ods.CONTENT} <= names and opened.read("mimetype")[:100].strip() == ods.MIME:
        manifest = "META-INF/manifest.xml"
        if manifest in names and b"encryption-data" in opened.read(manifest):
            raise FileRefused("protected")
        return Found("ods", f"tệp zip có {ods.CONTENT} và ghi là bảng tính OpenDocument")
    for name, found in _IN_ZIP:
        if name in names:
            raise FileRefused("foreign", found=found)
    for member in archive.members(opened):
        with opened.open(member) as part:
            if edxml.sign(part.read(edxml.HEAD)):
                return Found("edxml", "tệp zip có gói edXML")
    return Found("zip", "tệp zip chứa các tệp khác")


def _in_compound(file: BinaryIO) -> Found:
    streams = compound.Compound(file).streams
    if "EncryptedPackage" in streams:
        raise FileRefused("protected")
    for name in ("Workbook", "Book"):
        if name in streams:
            return Found("xls", f"tệp OLE2 có dòng dữ liệu {name}")
    found = next((found for name, found in _IN_COMPOUND if name in streams), "tệp OLE2 không phải bảng tính")
    raise FileRefused("foreign", found=found)


def _text(file: BinaryIO, head: bytes) -> Found:
    for magic, name in _MAGICS:
        if head.startswith(magic):
            raise FileRefused("foreign", found=name)
    found = encoding.marked(head)
    if found is None:
        if (len(head) - len(head.translate(None, _CONTROLS))) * _FEW > len(head):
            raise FileRefused("foreign", found="tệp nhị phân không rõ loại")
        found = encoding.guess(file)
    text = head[found.skip :].decode(found.codec, "ignore")
    rest = _PROLOG.sub("", text, count=1)
    if doctype := _DOCTYPE.match(rest):
        if doctype[2] or doctype[1].lower() != "html":
            raise FileRefused("doctype")
        return _html(head, found, "<!DOCTYPE html>")
    if element := _ELEMENT.match(rest):
        if element[1].lower() in _HTML:
            return _html(head, found, f"thẻ <{element[1]}>")
        if text.lstrip().startswith("<?xml") or "xmlns" in rest[:2000]:
            return _xml(file, found)
    if _LATER_TABLE.match(text):
        return _html(head, found, "thẻ <table>")
    if re.match(r'\s*[{\[]\s*["{\[\]}]', text):
        raise FileRefused("foreign", found="dữ liệu JSON")
    if re.match(r"MIME-Version:", text, re.I):
        raise FileRefused("old_format", found="trang web lưu thành một tệp (.mht)")
    delimiter = delimited.sniff(text)
    if delimiter is None:
        raise FileRefused("no_table", found="văn bản thường")
    kind: FileKind = "tsv" if delimiter == "\t" else "csv"
    said_by = f"văn bản có các cột cách nhau bằng {_NAMES.get(delimiter, delimiter)}; {found.said_by}"
    return Found(kind, said_by, found, delimiter)


def _html(head: bytes, found: Encoding, sign: str) -> Found:
    """The page's own word counts where no byte order mark speaks."""
    declared = _CHARSET.search(head)
    if not found.skip and not found.codec.startswith("utf-16") and declared:
        name = declared[1].decode().lower()
        if _CHARSETS.fullmatch(name):
            codec = "windows-1252" if name in ("iso-8859-1", "us-ascii") else name  # as browsers do
            found = Encoding(codec, 0, f"thẻ meta ghi bảng mã {name}")
    return Found("html", f"trang HTML bắt đầu bằng {sign}; {found.said_by}", found)


def _xml(file: BinaryIO, found: Encoding) -> Found:
    file.seek(found.skip)
    root = markup.root(file, xml_codec(found))
    if root == spreadsheetml.ROOT:
        return Found("spreadsheetml", "thẻ gốc Workbook của XML Spreadsheet 2003", found)
    if markup.local(root) == "document" and ":office:" in root:
        raise FileRefused("old_format", found="bảng tính OpenDocument dạng XML phẳng (.fods)")
    raise FileRefused("foreign", found=f"tệp XML (thẻ gốc {markup.local(root)[:50]})")
