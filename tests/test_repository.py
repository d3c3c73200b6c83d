"""What may be in the repository: nothing of the machine it was made on, nothing of a registry, no stray files."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

TOP_LEVEL = {
    ".ci", ".gitignore", "Makefile", "README.md", "config.example.toml", "connector", "pyproject.toml", "requirements",
    "systemd", "tests",
}  # fmt: skip
# Written in pieces, so that this file does not find itself.
MACHINE_PATHS = [f"/{folder}/" for folder in ("work", "root", "home", "Users")]
REGISTRIES = [".".join(host) for host in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("crates", "io"))]


@pytest.fixture(scope="module")
def files(root: Path) -> list[str]:
    """Tracked files, and those that would be with the next ``git add``."""
    command = ["git", "-c", f"safe.directory={root}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return sorted({name for name in done.stdout.split("\0") if name and (root / name).is_file()})


def holding(root: Path, files: list[str], words: list[str]) -> dict[str, str]:
    contents = {name: (root / name).read_bytes() for name in files}
    return {name: word for name, content in contents.items() for word in words if word.encode() in content}


def test_only_the_agreed_entries_stand_at_the_top(files: list[str]) -> None:
    assert {name.split("/")[0] for name in files} == TOP_LEVEL


def test_no_file_names_a_path_of_the_machine_it_was_made_on(root: Path, files: list[str]) -> None:
    assert holding(root, files, MACHINE_PATHS) == {}


def test_no_file_names_a_registry(root: Path, files: list[str]) -> None:
    assert holding(root, files, REGISTRIES) == {}
    assert not {"uv.lock", "pylock.toml", "poetry.lock"} & {Path(name).name for name in files}


@pytest.mark.parametrize("name", ["run.lock", "postgresql.lock", "dev.lock", "bench.lock"])
def test_locks_hold_versions_and_hashes_and_no_address(root: Path, name: str) -> None:
    text = (root / "requirements" / name).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 20
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert "index-url" not in text


@pytest.mark.parametrize("name", ["postgresql.lock", "dev.lock", "bench.lock"])
def test_what_runs_is_locked_for_development_and_benchmarks_too(root: Path, name: str) -> None:
    def pinned(file: str) -> set[str]:
        return set(re.findall(r"^[\w.-]+==[^ ]+", (root / "requirements" / file).read_text(), re.MULTILINE))

    assert pinned("run.lock")
    assert pinned("run.lock") <= pinned(name)


def test_every_dependency_of_the_project_is_locked(root: Path) -> None:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    wanted = {name.lower().replace("_", "-") for name in re.findall(r'^  "([\w-]+)', block[1], re.MULTILINE)}
    locked = re.findall(r"^([\w.-]+)==", (root / "requirements" / "run.lock").read_text(), re.MULTILINE)
    assert len(wanted) > 10
    assert wanted <= {name.lower() for name in locked}


def test_the_ci_script_can_be_run(root: Path) -> None:
    assert (root / ".ci" / "run").stat().st_mode & 0o100
    subprocess.run(["bash", "-n", str(root / ".ci" / "run")], check=True)
