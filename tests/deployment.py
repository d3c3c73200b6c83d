"""A deployment in a folder of its own: settings and passwords as an admin would write them, the stand-in and a mail
server beside it, and ``connector`` run as a stranger's shell would run it."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from connector.clock import OFFICE_ZONE
from connector.standin.mail import MailCatcher
from connector.standin.process import StandInProcess
from connector.standin.timeline import FEBRUARY_2022
from tests import databases
from tests.warm import warm

SETUP: dict[str, Any] = json.loads((FEBRUARY_2022 / "setup.json").read_text(encoding="utf-8"))
PASSWORDS = {account["username"]: account["password"] for account in SETUP["accounts"]}
AT_MOMENT = Path(__file__).with_name("at_moment.py")


def local(text: str) -> datetime:
    """An office moment, "2022-02-15 23:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE_ZONE)


@contextmanager
def servers() -> Iterator[tuple[StandInProcess, MailCatcher]]:
    """The stand-in and a mail server, for the tests of one module."""
    with StandInProcess(now=local("2022-02-28 23:30")) as server, MailCatcher() as mail:
        yield server, mail


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def log(self) -> list[dict[str, Any]]:
        """The JSON lines of the log (standard error)."""
        return [json.loads(line) for line in self.err.splitlines() if line.startswith("{")]

    @property
    def said(self) -> str:
        """Standard error without log lines: what a person reads."""
        return "\n".join(line for line in self.err.splitlines() if not line.startswith("{"))


@dataclass
class Deployment:
    """``settings`` as in config.toml; change it, then ``write``. ``moment``: when commands run, None: now."""

    folder: Path
    server: StandInProcess
    mail: MailCatcher
    settings: dict[str, Any] = field(default_factory=dict)
    moment: datetime | None = None

    @classmethod
    def of(cls, folder: Path, server: StandInProcess, mail: MailCatcher, at: str = "2022-02-28 23:30") -> Deployment:
        one = cls(folder, server, mail, february(server.url, mail.port))
        if databases.kind != "sqlite":  # elsewhere it is the file settings name by themselves
            one.settings["storage"] = {"database": databases.address(one.database)}
        for username, password in PASSWORDS.items():
            one.password(username, password)
        one.write()
        server.change_knobs(faults=[])
        mail.messages.clear()
        one.at(at)
        return one

    def password(self, username: str, password: str) -> None:
        path = self.folder / f"{username}.password"
        path.write_text(password + "\n", encoding="utf-8")
        path.chmod(0o600)

    def write(self) -> Path:
        path = self.folder / "config.toml"
        path.write_text(toml(self.settings), encoding="utf-8")
        return path

    def at(self, moment: str) -> None:
        """Move server and commands to this office moment."""
        self.moment = local(moment)
        self.server.move_to(self.moment)

    def command(self, *arguments: str) -> list[str]:
        if self.moment is None:
            return [sys.executable, "-m", "connector", *arguments]
        return [sys.executable, str(AT_MOMENT), self.moment.isoformat(), *arguments]

    def environ(self, **more: str) -> dict[str, str]:
        """What a service gets: no settings of the person who runs the tests."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8", **more}

    def start(self, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments), cwd=self.folder, env=self.environ(**environ), text=True, encoding="utf-8",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str) -> Done:
        """A command to its end, forked from a process that has done the importing."""
        out = self.folder / "out.txt"
        pid = warm().start(arguments, cwd=self.folder, environ=self.environ(), at=self.moment, out=out)
        code = warm().wait(pid)
        self._pass_time()
        if code is None:
            os.kill(pid, signal.SIGKILL)
            warm().wait(pid)
        read = [path.read_text(encoding="utf-8") for path in (out, out.with_name("out.txt.err"))]
        assert code is not None, f"{arguments} did not end:\n{read}"
        return Done(code, *read)

    def _pass_time(self) -> None:
        """Each command begins after the one before has ended, also on the clock."""
        if self.moment is not None:
            self.moment += timedelta(seconds=10)

    def shell(self, *arguments: str, **environ: str) -> Done:
        """The same from nothing, with more of an environment."""
        process = self.start(*arguments, **environ)
        out, err = process.communicate(timeout=60)
        self._pass_time()
        return Done(process.returncode, out, err)

    def good(self, *arguments: str) -> Done:
        done = self.run(*arguments)
        assert done.code == 0, done.out + done.err
        return done

    def take_over(self, other: Deployment) -> None:
        """Begin with a copy of another one's database."""
        databases.take_over(other.database, self.database)

    # -- looking inside --------------------------------------------------------------------------------------------

    @property
    def database(self) -> Path:
        return self.folder / "connector.db"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return databases.look(self.database, query)

    def one(self, query: str) -> Any:
        ((value,),) = self.rows(query)
        return value

    def write_rows(self, statement: str) -> None:
        databases.look(self.database, statement)

    def counts(self) -> dict[str, int]:
        """Rows of every table that holds what was learnt or said (not the book-keeping of runs)."""
        tables = [one.name for one in SQLModel.metadata.sorted_tables if one.name not in ("run", "report")]
        return {name: self.one(f"SELECT count(*) FROM {name}") for name in tables}

    def outcomes(self, job: str = "sync") -> list[str]:
        """Outcomes of the job's runs, oldest first."""
        return [outcome for (outcome,) in self.rows(f"SELECT outcome FROM run WHERE job = '{job}' ORDER BY id")]

    def letters_to(self, address: str) -> list[tuple[str, str]]:
        """Subject and text of what lies in the outbox for an address."""
        return self.rows(
            f"SELECT subject, text FROM outbox WHERE CAST(recipients AS TEXT) LIKE '%{address}%' ORDER BY id"
        )

    def fault(self, effect: str, path: str = "", **more: Any) -> None:
        self.server.change_knobs(faults=[{"effect": effect, "path": path, **more}])

    def logins(self) -> int:
        return self.server.ledger.count("api/login/")


def february(url: str, smtp_port: int) -> dict[str, Any]:
    """The settings of the February 2022 deployment."""
    return copy.deepcopy(
        {
            "office": {
                "issuer": SETUP["issuer"],
                "counted_assigners": SETUP["counted_assigners"],
                "agency_order": SETUP["agency_order"],
            },
            "sources": {
                "ioffice": {
                    "base_url": url,
                    "attempts": 2,
                    "confidential_codes": SETUP["confidential_code"],
                    "accounts": [
                        {"username": name, "password_file": f"{name}.password", "identities": "all"}
                        for name in PASSWORDS
                    ],
                }
            },
            "vocabulary": {"status": SETUP["labels"], "log_actions": SETUP["log_actions"]},
            "smtp": {"host": "127.0.0.1", "port": smtp_port, "security": "none", "sender": SETUP["sender"]},
            "letters": {
                "mailboxes": SETUP["mailboxes"],
                "office_mailbox": SETUP["office_mailbox"],
                "admin_mailbox": SETUP["admin_mailbox"],
            },
        }
    )


def toml(table: dict[str, Any], name: str = "") -> str:
    """As text. JSON's strings, numbers and lists of them are TOML's too."""
    lines = [f"[{name}]"] if name else []
    below: list[str] = []
    for key, value in table.items():
        full = f"{name}.{key}" if name else key
        if isinstance(value, dict) and (not name or any(isinstance(inner, list) for inner in value.values())):
            below.append(toml(value, full))
        elif isinstance(value, dict):
            inner = ", ".join(f"{json.dumps(k, ensure_ascii=False)} = {_value(v)}" for k, v in value.items())
            lines.append(f"{key} = {{ {inner} }}")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            below += [toml(one, f"[{full}]") for one in value]
        else:
            lines.append(f"{key} = {_value(value)}")
    return "\n".join([*lines, *below]) + "\n"


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
