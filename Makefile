# A thin door: every command behind it stands in README.md, for people without make.
PYTHONS ?= python3 python3.13 python3.12 python3.11
BIN := .venv/bin
STAMP := .venv/.set-up
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.PHONY: help setup demo test bench lock

help:
	@echo "make setup  tạo môi trường .venv và cài các thư viện đã khóa phiên bản"
	@echo "make demo   chạy lại tháng 02/2022 từ đầu đến cuối"
	@echo "make test   kiểm tra mã nguồn và chạy toàn bộ phép thử"
	@echo "make bench  đo tốc độ và bộ nhớ (rất lâu; thử nhanh: BENCH_SCALE=0.05 make bench)"
	@echo "make lock   khóa lại phiên bản thư viện (khi sửa pyproject.toml)"

setup: $(STAMP)

$(STAMP): requirements/dev.lock pyproject.toml
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  found=; \
	  for python in $(PYTHONS); do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$python; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "Cần Python 3.11 trở lên (đã tìm: $(PYTHONS)). Trên Debian: apt install python3 python3-venv" >&2; exit 1; \
	  fi; \
	  if ! $$found -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	    echo "Python ($$found) thiếu venv hoặc ensurepip. Trên Debian: apt install python3-venv" >&2; exit 1; \
	  fi; \
	  rm -rf .venv && $$found -m venv .venv; \
	fi
	$(PIP) install --quiet --require-hashes -r requirements/dev.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: setup
	$(BIN)/connector demo

# What runs on the second store too: its SQL, the jobs, and processes that meet in one database.
ON_POSTGRESQL := tests/store tests/jobs tests/test_daemon.py tests/test_kill.py tests/test_cli_db.py

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest
	CONNECTOR_KILLS=20 $(BIN)/python -m pytest --database postgresql $(ON_POSTGRESQL)

# A venv of its own: what we are measured against is never needed by `make test`.
BENCH := .venv-bench
bench: $(BENCH)/.set-up
	@$(BENCH)/bin/python -m tests.benchmarks

$(BENCH)/.set-up: requirements/bench.lock pyproject.toml | $(STAMP)
	$(BIN)/python -m venv --clear --without-pip $(BENCH)
	$(PIP) --python $(BENCH) install --quiet --require-hashes -r requirements/bench.lock
	$(PIP) --python $(BENCH) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --custom-compile-command "make lock" -q
lock: setup
	$(COMPILE) -o requirements/run.lock
	$(COMPILE) --extra postgresql -o requirements/postgresql.lock
	$(COMPILE) --extra postgresql --group dev -o requirements/dev.lock
	$(COMPILE) --group bench -c requirements/run.lock -o requirements/bench.lock
