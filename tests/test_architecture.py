"""The map in README.md is the program: layers, clock, file sizes and folders are checked, not hoped for."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grimp
import pytest

LONGEST_FILE = 350  # lines; around 300 a file starts to ask for a seam
GENERATED = "connector/store/migrations/versions/"
CLOCK_CALLS = {"now", "utcnow", "today"}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("connector", include_external_packages=True, cache_dir=None)


def sources(root: Path) -> list[Path]:
    return sorted((root / "connector").rglob("*.py"))


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own: the checker finds the package by its name, and its logging silences ours."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))",
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_imports_keep_to_the_layers(root: Path) -> None:
    done = lint_imports(root)
    assert done.returncode == 0, done.stdout


def test_domain_ports_and_pure_stages_need_the_standard_library_only(graph: grimp.ImportGraph) -> None:
    ours = {module for module in graph.modules if module.startswith("connector")}

    def foreign(package: str) -> set[str]:
        inside = {m for m in ours if m == package or m.startswith(f"{package}.")}
        found = {name for module in inside for name in graph.find_modules_directly_imported_by(module)}
        return {name.split(".")[0] for name in found - ours} - sys.stdlib_module_names

    pure = ["domain", "errors", "ports", "reconcile", "detect", "notify.plan", "report.build", "report.text"]
    pure.append("report.dossier")
    assert {name: found for name in pure if (found := foreign(f"connector.{name}"))} == {}


def test_httpx_stands_in_one_module(graph: grimp.ImportGraph) -> None:
    users = graph.find_modules_that_directly_import("httpx") if "httpx" in graph.modules else set()
    assert users <= {"connector.sources.rest.client"}


def test_no_file_is_too_long(root: Path) -> None:
    lengths = {
        str(path.relative_to(root)): len(path.read_text(encoding="utf-8").splitlines()) for path in sources(root)
    }
    assert {n: size for n, size in lengths.items() if size > LONGEST_FILE and not n.startswith(GENERATED)} == {}


def clock_calls(text: str) -> Iterator[int]:
    """Lines that ask the machine for the time: datetime.now, datetime.utcnow, date.today, time.time."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value).rsplit(".", 1)[-1]
            asks = node.func.attr in CLOCK_CALLS and owner in {"datetime", "date"}
            if asks or (owner == "time" and node.func.attr in {"time", "time_ns", "localtime", "gmtime"}):
                yield node.lineno


def test_only_the_clock_asks_for_the_time(root: Path) -> None:
    asking = {
        str(path.relative_to(root)): found
        for path in sources(root)
        if (found := list(clock_calls(path.read_text(encoding="utf-8"))))
    }
    assert set(asking) == {"connector/clock.py"}, asking
    assert list(clock_calls("import time\nx = datetime.datetime.now(UTC)\ny = time.time()\nz = clock.now()")) == [2, 3]


def test_the_map_in_the_readme_names_every_folder_and_only_those(root: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    (map_,) = re.findall(r"```text\nconnector/\n(.*?)```", readme, re.DOTALL)
    named = set(re.findall(r"^  ([a-z_/]+)/ ", map_, re.MULTILINE))
    existing = {
        str(path.parent.relative_to(root / "connector")) for path in sources(root) if path.parent != root / "connector"
    }
    templates = {"report/templates"}  # a script that makes the Word template, beside it
    assert {folder for folder in existing if not folder.startswith("store/migrations")} - templates == named
    files = set(re.findall(r"^  ([a-z_]+\.py) ", map_, re.MULTILINE))
    assert {path.name for path in (root / "connector").glob("*.py")} - {"__init__.py", "__main__.py"} == files


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("jobs/detect.py", "import connector.store.tasks"),
        ("store/engine.py", "import connector.jobs.detect"),
        ("store/engine.py", "import connector.notify.smtp"),
        ("detect/links.py", "import connector.reconcile.plan"),
        ("detect/links.py", "import sqlalchemy"),
        ("domain/periods.py", "import connector.ports"),
        ("report/writer.py", "import connector.jobs.detect"),
        ("notify/smtp.py", "import httpx"),
    ],
)
def test_the_contracts_see_a_wrong_import(root: Path, tmp_path: Path, module: str, forbidden: str) -> None:
    """On a copy."""
    ignore = shutil.ignore_patterns("__pycache__", "fonts", "feb2022")
    shutil.copytree(root / "connector", tmp_path / "connector", ignore=ignore)
    shutil.copy(root / "pyproject.toml", tmp_path)
    path = tmp_path / "connector" / module
    path.write_text(path.read_text(encoding="utf-8") + f"\n{forbidden}\n", encoding="utf-8")
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout
    importer, imported = module.removesuffix(".py").replace("/", "."), forbidden.removeprefix("import ")
    assert f"connector.{importer} -> {imported}" in done.stdout


def test_the_readme_names_every_command(root: Path) -> None:
    from typer.main import get_command

    from connector.cli import app

    readme = (root / "README.md").read_text(encoding="utf-8")
    commands: dict[str, Any] = {}
    for name, command in getattr(get_command(app), "commands", {}).items():
        below = getattr(command, "commands", None)
        commands |= {f"{name} {inner}": one for inner, one in below.items()} if below else {name: command}
    assert {name for name in commands if f"| `{name}" not in readme} == set()
    for name, command in commands.items():
        options = {opt for parameter in command.params for opt in parameter.opts if opt.startswith("--")}
        for row in (line for line in readme.splitlines() if re.match(rf"\| `{name}[ `]", line)):
            assert set(re.findall(r"--[a-z-]+", row)) <= options | {"--json"}, row
