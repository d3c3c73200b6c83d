"""A bare HTTP client for the stand-in: what a test sends is what goes over the wire."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit


def local(text: str) -> datetime:
    """``2022-02-28 23:30`` in the office's zone."""
    return datetime.fromisoformat(f"{text}+07:00")


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        assert (self.status, self.json["status"]["code"]) == (200, "0"), self.body[:300]
        return self.json["data"]


@dataclass
class Client:
    url: str
    token: str = ""
    cookie: str = ""
    welcome: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        self.base = parts.path
        self.connection = http.client.HTTPConnection(parts.netloc, timeout=10)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.connection.close()

    def send(self, method: str, path: str, body: Any = None, *, base: str | None = None) -> Reply:
        headers = {"Content-Type": "application/json", "X-Authentication-Token": self.token, "Cookie": self.cookie}
        content = None if body is None else json.dumps(body)
        self.connection.request(method, (self.base if base is None else base) + path, content, headers)
        answer = self.connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())

    def get(self, path: str) -> Reply:
        return self.send("GET", path)

    def post(self, path: str, body: Any) -> Reply:
        return self.send("POST", path, body)

    def login(self, username: str = "ketnoi.vp", password: str = "Thu-nghiem-1", path: str = "api/login/v2/") -> Reply:
        reply = self.post(path, {"username": username, "password": password, "tokenFireBase": ""})
        if reply.status == 200 and reply.json["status"]["code"] == "0":
            self._take(reply)
        return reply

    def switch(self, identity: str) -> Reply:
        reply = self.get(f"api/switch/{identity}/")
        self._take(reply)
        return reply

    def _take(self, reply: Reply) -> None:
        self.welcome = reply.data
        self.token = reply.data["token"]
        self.cookie = reply.headers["set-cookie"].partition(";")[0]

    def tasks(self, which: str = "dagiao", number: int = 1, size: int = 1000) -> Any:
        body = {"pageNo": number, "pageRec": size, "name": "", "status": ""}
        return self.post(f"api/job/getlistjob{which}/", body | ({"coquan": -1} if which == "duocgiao" else {})).data

    def task(self, task_id: str, which: str = "dagiao") -> dict[str, Any] | None:
        return next((row for row in self.tasks(which) if row["id"] == task_id), None)

    def counters(self) -> dict[str, int]:
        return {row["name"]: row["number"] for row in self.get("api/document/countmenu/").data}

    def documents(self, kho: str, number: int = 1, size: int = 1000) -> Any:
        body = {"pageNo": str(number), "pageRec": str(size), "param": "", "kho": kho}
        return self.post("api/document/getlistwaitingdocument/", body).data
