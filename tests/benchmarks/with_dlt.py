"""The same job in dlt: list and flow as resources, merged by key into DuckDB; hashes of the list rows in dlt's own
state say whose flow is read again. Needs the dependency group ``bench``.

One thread: dlt's ``parallelized`` made it slower here, as there is nothing to wait for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from tests.benchmarks import bare
from tests.benchmarks.bare import Fetch

Loading = Literal["insert_values", "parquet"]
"""How dlt brings rows into DuckDB: its default, and its fastest (needs pyarrow)."""


def run(fetch: Fetch, folder: Path, *, page_size: int, loading: Loading) -> None:
    """First sync or a later one, as ``folder`` says."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
    import dlt

    def listed() -> Iterator[list[Any]]:
        fetch(*bare.LOGIN)
        yield from bare.pages(fetch, page_size)

    def flow(rows: list[Any]) -> Iterator[list[dict[str, Any]]]:
        known = dlt.current.resource_state().setdefault("hashes", {})
        for row in rows:
            seen = bare.digest(row).hex()
            if known.get(row["id"]) != seen:
                lines = bare.data(fetch("GET", f"api/job/getlistjobflow/{row['id']}/", None))
                yield [{"task_id": row["id"], "position": position, **line} for position, line in enumerate(lines)]
                known[row["id"]] = seen

    pipeline = dlt.pipeline(
        "benchmark",
        pipelines_dir=str(folder),
        destination=dlt.destinations.duckdb(str(folder / "benchmark.duckdb")),
        dataset_name="office",
    )
    merged = {"write_disposition": "merge", "max_table_nesting": 0}
    tasks = dlt.resource(listed, name="tasks", primary_key="id", **merged)
    flows = dlt.transformer(flow, data_from=tasks, name="flow", primary_key=("task_id", "position"), **merged)
    pipeline.run([tasks, flows], loader_file_format=loading)
