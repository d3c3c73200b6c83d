"""The bare pipeline: fetch, decode, upsert, no framework; what a sensible engineer writes in an afternoon.

Two ways to fetch: httpx, and a plain socket as the floor below it. Both know their office and nothing of its faults:
no retries, no deadlines, no history.
"""

from __future__ import annotations

import hashlib
import json
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import httpx

from tests.benchmarks.office import TOKEN

T = TypeVar("T")
R = TypeVar("R")
Fetch = Callable[[str, str, bytes | None], bytes]
"""(method, path below the base address, body) → body of the answer."""
Connection = AbstractContextManager[Fetch]

LOGIN = ("POST", "api/login/v2/", json.dumps({"username": "do-toc-do", "password": "x"}).encode())
HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "X-Authentication-Token": TOKEN}
BATCH = 200
_READ = 65_536

_SCHEMA = """
CREATE TABLE IF NOT EXISTS task (
  id TEXT PRIMARY KEY, name TEXT, status TEXT, lead TEXT, assigner TEXT, assigned TEXT, due TEXT, priority TEXT,
  hash BLOB, payload TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS flow (
  task_id TEXT, position INTEGER, name TEXT, content TEXT, status TEXT, assigned TEXT, due TEXT, hash BLOB,
  PRIMARY KEY (task_id, position)) WITHOUT ROWID;
"""
_TASK = """
INSERT INTO task VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name,
  status = excluded.status, lead = excluded.lead, assigner = excluded.assigner, assigned = excluded.assigned,
  due = excluded.due, priority = excluded.priority, hash = excluded.hash, payload = excluded.payload
"""
_FLOW = """
INSERT INTO flow VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (task_id, position) DO UPDATE SET name = excluded.name,
  content = excluded.content, status = excluded.status, assigned = excluded.assigned, due = excluded.due,
  hash = excluded.hash
"""


@contextmanager
def over_httpx(url: str, workers: int) -> Iterator[Fetch]:
    """One client for all threads, as httpx recommends."""
    limits = httpx.Limits(max_connections=workers, max_keepalive_connections=workers)
    with httpx.Client(base_url=url, headers=HEADERS, limits=limits) as client:

        def fetch(method: str, path: str, body: bytes | None) -> bytes:
            return client.request(method, path, content=body).raise_for_status().content

        yield fetch


@contextmanager
def over_socket(url: str) -> Iterator[Fetch]:
    """A keep-alive connection per thread; knows just enough HTTP for a server that sends Content-Length."""
    base = urlsplit(url)
    head = "".join(f"{name}: {value}\r\n" for name, value in {"Host": base.netloc, **HEADERS}.items())
    own = threading.local()
    with ExitStack() as opened:

        def connection() -> socket.socket:
            if not hasattr(own, "socket"):
                own.socket = opened.enter_context(socket.create_connection((base.hostname or "", base.port or 80)))
                own.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return cast(socket.socket, own.socket)

        def received(wire: socket.socket) -> bytes:
            if not (chunk := wire.recv(_READ)):
                raise OSError("the server hung up")
            return chunk

        def fetch(method: str, path: str, body: bytes | None) -> bytes:
            wire = connection()
            length = f"Content-Length: {len(body)}\r\n" if body else ""
            wire.sendall(f"{method} {base.path}{path} HTTP/1.1\r\n{head}{length}\r\n".encode() + (body or b""))
            data = received(wire)
            while (end := data.find(b"\r\n\r\n")) < 0:
                data += received(wire)
            size = int(data[:end].lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            parts, got = [data[end + 4 :]], len(data) - end - 4
            while got < size:
                parts.append(received(wire))
                got += len(parts[-1])
            if not data.startswith(b"HTTP/1.1 200"):
                raise OSError(data[:end].decode())
            return b"".join(parts)

        yield fetch


# -- the two runs ------------------------------------------------------------------------------------------------------


def first_sync(fetch: Fetch, database: Path, *, page_size: int, workers: int) -> None:
    """All pages of the list, then the flow of every task; one transaction per batch."""
    with _opened(database) as db, ThreadPoolExecutor(workers) as pool:
        fetch(*LOGIN)
        ids: list[str] = []
        for rows in pages(fetch, page_size):
            _store_tasks(db, rows)
            ids += [row["id"] for row in rows]
        _store_flows(db, fetch, ids, pool, workers)


def unchanged_run(fetch: Fetch, database: Path, *, pages: Sequence[tuple[str, int, int]], workers: int) -> None:
    """Read exactly these pages, compare each row with what is stored, and read again what differs."""
    with _opened(database) as db, ThreadPoolExecutor(workers) as pool:
        fetch(*LOGIN)
        changed: dict[str, Any] = {}
        for rows in _map(lambda one: page(fetch, *one), pages, pool, workers):
            for row in rows:
                known = db.execute("SELECT hash FROM task WHERE id = ?", (row["id"],)).fetchone()
                if known is None or known[0] != digest(row):
                    changed[row["id"]] = row
        _store_tasks(db, changed.values())
        _store_flows(db, fetch, list(changed), pool, workers)


@contextmanager
def _opened(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.executescript(_SCHEMA)
        yield db


def page(fetch: Fetch, name: str, number: int, size: int) -> list[Any]:
    body = json.dumps({"pageNo": number, "pageRec": size, "name": "", "status": ""}).encode()
    return data(fetch("POST", f"api/job/{name}/", body))


def pages(fetch: Fetch, size: int) -> Iterator[list[Any]]:
    for number in count(1):
        rows = page(fetch, "getlistjobdagiao", number, size)
        if not rows:
            return
        yield rows


def _store_tasks(db: sqlite3.Connection, rows: Iterable[Any]) -> None:
    with db:
        db.executemany(_TASK, (
            (row["id"], row["name"], row["status"], row["chuTri"], row["lanhDaoGiaoViec"], row["startDate"],
             row["endDate"], row["mucDo"], digest(row), json.dumps(row, ensure_ascii=False))
            for row in rows
        ))  # fmt: skip


def _store_flows(db: sqlite3.Connection, fetch: Fetch, ids: list[str], pool: ThreadPoolExecutor, workers: int) -> None:
    def flow(task_id: str) -> list[tuple[Any, ...]]:
        names = ("name", "content", "status", "startDate", "endDate")
        rows = data(fetch("GET", f"api/job/getlistjobflow/{task_id}/", None))
        return [(task_id, position, *map(row.get, names), digest(row)) for position, row in enumerate(rows)]

    flows = iter(_map(flow, ids, pool, workers))
    while batch := list(islice(flows, BATCH)):
        with db:
            db.executemany(_FLOW, chain.from_iterable(batch))


def _map(work: Callable[[T], R], items: Iterable[T], pool: ThreadPoolExecutor, workers: int) -> Iterable[R]:
    return map(work, items) if workers == 1 else pool.map(work, items)


def data(body: bytes) -> list[Any]:
    answer = json.loads(body)
    if answer["status"]["code"] != "0":
        raise OSError(answer["status"]["message"])
    return answer["data"] or []


def digest(row: Any) -> bytes:
    return hashlib.sha256(json.dumps(row, ensure_ascii=False, sort_keys=True).encode()).digest()
