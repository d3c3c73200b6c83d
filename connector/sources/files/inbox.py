"""The folder that exports are dropped into. Network shares tell nobody when a file is complete, so a file is taken when
it has stood still for some time (F19, F20); afterwards it lies in ``done`` or ``refused``, with a report beside it. A
folder is not looked into; that is said beside it, once."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from connector.domain.file_names import fitting_name, shown_name
from connector.errors import InboxUnusable
from connector.sources.files.facts import stamp_of

DONE, REFUSED = "done", "refused"
_IGNORED_STARTS = ("~$", ".")
_IGNORED_ENDS = (".tmp", ".part", ".partial", ".crdownload", ".lnk")
_IGNORED = ("thumbs.db", "desktop.ini", DONE, REFUSED)
_REPORT = ".txt"
_LONGEST_END = 16
"""Bytes of a name's last part that is kept whole when the name is cut."""
_PATIENCE = 600
"""Seconds until a file that could not be read (locked, no rights) is tried again, unless it changes before."""


@dataclass(slots=True)
class _Seen:
    stamp: tuple[int, ...]
    since: float
    not_before: float = 0.0


@dataclass
class FolderInbox:
    """``settle_seconds``: how long a file must stand still. ``monotonic``: the clock that nobody sets. ``names``: of
    all that lay there at the last look, as they can be shown; ``folders``: of folders that stand still there."""

    folder: Path
    settle_seconds: float
    monotonic: Callable[[], float] = time.monotonic
    names: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _stuck: dict[str, tuple[tuple[int, ...], str, str]] = field(default_factory=dict)

    @property
    def stuck(self) -> bool:
        """Whether a file that is done with still lies here."""
        return bool(self._stuck)

    def ready(self) -> list[Path]:
        """Files that stand still, oldest first. Raises InboxUnusable if the folder cannot be listed."""
        now = self.monotonic()
        found: dict[str, _Seen] = {}
        times: dict[str, int] = {}
        folders: list[str] = []
        answers: list[str] = []
        try:
            with os.scandir(self.folder) as entries:
                for one in entries:
                    about = one.stat(follow_symlinks=False)
                    if _ignored(one.name):
                        continue
                    stamp, known = stamp_of(about), self._seen.get(one.name)
                    if _is_answer(self.folder / one.name, about):
                        answers.append(one.name)
                        continue
                    found[one.name] = known if known and known.stamp == stamp else _Seen(stamp, now)
                    times[one.name] = about.st_mtime_ns
                    if stat.S_ISDIR(about.st_mode):
                        folders.append(one.name)
        except FileNotFoundError as error:
            if self.folder.is_dir():
                return []  # a file went away between its name and its size; the next look finds it so
            raise self._unusable(error) from error
        except OSError as error:
            raise self._unusable(error) from error
        self._seen = found
        self.names = frozenset(map(shown_name, found))
        still = [name for name, seen in found.items() if now - seen.since >= self.settle_seconds]
        self._answer_folders([name for name in folders if name in still], folders, answers)
        names = [
            name
            for name in still
            if name not in folders and now >= found[name].not_before and not self._is_stuck(name, found[name])
        ]
        return [self.folder / name for name in sorted(names, key=lambda name: (times[name], name))]

    def _answer_folders(self, standing: list[str], folders: list[str], answers: list[str]) -> None:
        """Beside each folder that stands still lies one answer; the answer goes when the folder has gone."""
        self.folders = tuple(sorted(map(shown_name, standing)))
        wanted = {fitting_name(shown_name(name), _REPORT): name for name in folders}
        with suppress(OSError):  # a share that may only be read: the operator sees the folder in ``status``
            for answer in answers:
                if answer not in wanted:
                    (self.folder / answer).unlink(missing_ok=True)
            for answer, name in wanted.items():
                if name in standing and not os.path.lexists(self.folder / answer):
                    (self.folder / answer).write_bytes(_answer(name))

    def put_off(self, path: Path) -> None:
        """The file could not be read now."""
        if (seen := self._seen.get(path.name)) is not None:
            seen.not_before = self.monotonic() + _PATIENCE

    def finish(self, path: Path, *, refused: bool, report: str) -> None:
        """Move the file away, with the report beside it; not one that was replaced meanwhile: it will be taken anew.
        Raises InboxUnusable: then the file stays where it is, is not handed out again, and each look at the folder
        tries again to move it."""
        target = REFUSED if refused else DONE
        try:
            if (seen := self._seen.get(path.name)) is not None and stamp_of(path.lstat()) != seen.stamp:
                return
            self._move(path, target, report)
        except OSError as error:
            if (seen := self._seen.get(path.name)) is not None:
                self._stuck[path.name] = (seen.stamp, target, report)
            raise self._unusable(error, path.name) from error

    def _is_stuck(self, name: str, seen: _Seen) -> bool:
        """A file that is done with and could not be moved; moved now if that has become possible."""
        known = self._stuck.get(name)
        if known is None or known[0] != seen.stamp:
            self._stuck.pop(name, None)
            return False
        try:
            self._move(self.folder / name, known[1], known[2])
        except OSError:
            return True
        del self._stuck[name]
        return True

    def _move(self, path: Path, target: str, report: str) -> None:
        folder = self.folder / target
        shared = stat.S_IMODE(
            self.folder.stat().st_mode
        )  # who may see the folder may see the answers, whatever our umask
        if not folder.is_dir():
            folder.mkdir(exist_ok=True)
            _share(folder, shared)
        aim = _free(folder, path)
        text = aim.with_name(aim.name + _REPORT)
        try:  # first the report: a file that has gone without a word is worse than a word too many
            text.write_bytes(b"\xef\xbb\xbf" + report.encode(errors="replace"))
            _share(text, shared & 0o666)
            path.rename(aim)
        except OSError:
            text.unlink(missing_ok=True)
            raise

    def _unusable(self, error: OSError, file: str = "") -> InboxUnusable:
        return InboxUnusable(f"{type(error).__name__}: {error.strerror}", folder=self.folder, file=shown_name(file))


def _share(path: Path, mode: int) -> None:
    """Some network drives know no rights."""
    with suppress(OSError):
        path.chmod(mode)


def _ignored(name: str) -> bool:
    small = name.casefold()
    return small.startswith(_IGNORED_STARTS) or small.endswith(_IGNORED_ENDS) or small in _IGNORED


def _free(folder: Path, path: Path) -> Path:
    """A name that is not taken, nor its report's: "a.xlsx", "a (2).xlsx", …; cut where it would be too long with the
    report's end, and such that a report can hold it."""
    name = Path(shown_name(path.name))
    stem, end = (name.stem, name.suffix) if len(name.suffix.encode()) <= _LONGEST_END else (name.name, "")
    number = 1
    while True:
        mark = f" ({number})" if number > 1 else ""
        found = folder / fitting_name(stem, f"{mark}{end}{_REPORT}").removesuffix(_REPORT)
        if not os.path.lexists(found) and not os.path.lexists(found.with_name(found.name + _REPORT)):
            return found
        number += 1


_ANSWER_BEGINS, _ANSWER_ENDS = (
    "\ufeffThư mục: ",
    "\r\nKết quả: KHÔNG ĐỌC; chương trình không mở các thư mục con.\r\n"
    "Cách sửa: đưa từng tệp trong thư mục này ra ngoài, rồi xóa thư mục.\r\n",
)
_LONGEST_ANSWER = 2_000


def _answer(name: str) -> bytes:
    return f"{_ANSWER_BEGINS}{shown_name(name)}{_ANSWER_ENDS}".encode()


def _is_answer(path: Path, about: os.stat_result) -> bool:
    """Whether a text is one of our answers; told by what it says, for a clerk's file may have any name."""
    small = stat.S_ISREG(about.st_mode) and about.st_size <= _LONGEST_ANSWER
    if not small or not path.name.casefold().endswith(_REPORT):
        return False
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return content.startswith(_ANSWER_BEGINS.encode()) and content.endswith(_ANSWER_ENDS.encode())
