"""A nightly sync: what another system knows of tasks and readings, from two CSV files into Kolaborasi.

It keeps nothing of its own. Each row bears the other system's id, so it may be stopped at any moment and run again:
what was done is found, what differs is changed, the rest is made. Standard library only; see README.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]
MOST_ROWS = 1_000  # of one call
MOST_BYTES = 900_000  # of one request: the server takes 1,048,576
PAGE = 200
ATTEMPTS = 8
AGAIN = frozenset({429, 500, 502, 503, 504})

TARGETS = """query Targets($owner: String!, $ids: [String!]!, $after: Cursor) {
  targets(filter: {owner: {code: {eq: $owner}}, externalId: {in: $ids}}, first: 200, after: $after) {
    nodes { id externalId }
    pageInfo { hasNextPage endCursor }
  }
}"""
UPSERT = """mutation Sync($rows: [%s!]!) {
  done: %s(input: {rows: $rows, mode: PARTIAL}) {
    changedCount unchangedCount
    errors { message path }
    results { errors { message path } }
  }
}"""
TASKS = UPSERT % ("UpsertTasksRow", "upsertTasks")
READINGS = UPSERT % ("UpsertMeasurementsRow", "upsertMeasurements")


class Refused(Exception):
    """The server does not take the request, and would not take it again: what it says."""


class Server:
    """Sends requests until they are answered; `requests` counts them."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/") + "/graphql"
        self.token = token
        self.requests = 0

    def ask(self, document: str, **variables: Any) -> Any:
        """The data of an answer. Whatever got lost is sent again: an upsert that is done twice is done once."""
        body = json.dumps({"query": document, "variables": variables}).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Accept-Language": "en"}
        request = urllib.request.Request(self.url, body, headers)
        for attempt in range(ATTEMPTS):
            self.requests += 1
            wait = min(30.0, 0.2 * 2**attempt)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return _data(json.load(answer))
            except urllib.error.HTTPError as error:
                if error.code not in AGAIN:
                    raise Refused(f"HTTP {error.code}: {error.read().decode(errors='replace')[:1000]}") from error
                wait = float(error.headers.get("Retry-After") or wait)
            except (OSError, ValueError):  # no answer, or half of one
                pass
            time.sleep(wait)
        raise Refused(f"{self.url} gave no answer in {ATTEMPTS} attempts")


def _data(answer: Any) -> Any:
    if errors := answer.get("errors"):
        if all(each["extensions"]["code"] in ("INTERNAL", "DEADLINE_EXCEEDED", "RATE_LIMITED") for each in errors):
            raise ValueError(errors)
        raise Refused("; ".join(each["message"] for each in errors))
    return answer["data"]


def read(path: Path) -> list[Row]:
    """The rows of a CSV file without its empty cells, each with the number of its line."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file)
        return [{**{k: v.strip() for k, v in row.items() if v and v.strip()}, "": lines.line_num} for row in lines]


def task_row(row: Row, organisation: str) -> Row:
    """A task as the API takes it: who has it and where it is done are named by their codes."""
    place = {"kelurahan": {"code": row["kelurahan"]}} if "kelurahan" in row else {}
    done = {"progress": int(row["progress"])} if "progress" in row else {}
    return {**row, **place, **done, "organisation": {"code": organisation}}


def batches(rows: list[Row], size: int) -> Iterator[list[Row]]:
    """At most so many rows at a time, and not too many bytes."""
    batch: list[Row] = []
    weight = 0
    for row in rows:
        bytes_ = len(json.dumps(row))
        if batch and (len(batch) == size or weight + bytes_ > MOST_BYTES):
            yield batch
            batch, weight = [], 0
        batch.append(row)
        weight += bytes_
    if batch:
        yield batch


def target_ids(server: Server, owner: str, external_ids: list[str]) -> dict[str, str]:
    """The ids of the owner's targets by what the other system calls them."""
    found: dict[str, str] = {}
    for start in range(0, len(external_ids), MOST_ROWS):
        after = None
        while True:
            wanted = external_ids[start : start + MOST_ROWS]
            page = server.ask(TARGETS, owner=owner, ids=wanted, after=after)["targets"]
            found |= {each["externalId"]: each["id"] for each in page["nodes"]}
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
    return found


def send(server: Server, what: str, document: str, path: Path, rows: list[Row], size: int) -> int:
    """Send the rows and say what became of them; how many were refused."""
    changed = unchanged = refused = 0
    for batch in batches(rows, size):
        done = server.ask(document, rows=[{k: v for k, v in row.items() if k} for row in batch])["done"]
        if done["errors"]:
            raise Refused("; ".join(each["message"] for each in done["errors"]))
        changed, unchanged = changed + done["changedCount"], unchanged + done["unchangedCount"]
        for row, result in zip(batch, done["results"], strict=True):
            refused += bool(result["errors"])
            for error in result["errors"]:
                place = ".".join(error["path"][2:])
                print(f"{path}:{row['']}: {place + ': ' if place else ''}{error['message']}", file=sys.stderr)
    print(f"{what}: {changed} changed, {unchanged} unchanged, {refused} refused")
    return refused


def whole_percents(rows: list[Row], path: Path) -> tuple[list[Row], int]:
    """The rows whose progress is a whole number or left out; how many are not."""
    wrong = [row for row in rows if not row.get("progress", "0").isdecimal()]
    for row in wrong:
        print(f"{path}:{row['']}: progress: {row['progress']} is no whole number", file=sys.stderr)
    return [row for row in rows if row not in wrong], len(wrong)


def with_target(rows: list[Row], ids: dict[str, str], path: Path, *, is_needed: bool) -> tuple[list[Row], int]:
    """The rows with their target's id in place of its name in the other system; how many name one that is not there."""
    found, missing = [], 0
    for row in rows:
        name = row.pop("target", None)
        if name is not None and name in ids:
            found.append({**row, "targetId": ids[name]})
        elif name is None and not is_needed:
            found.append(row)
        else:
            missing += 1
            print(f"{path}:{row['']}: there is no target {name or '(none named)'}", file=sys.stderr)
    return found, missing


def main() -> int:
    """0: all rows are as the files say; 1: some were refused, each is told; 2: the sync could not be carried out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds tasks.csv and readings.csv")
    parser.add_argument("--organisation", required=True, help="the code of the organisation whose they are")
    parser.add_argument("--url", default=os.environ.get("KOLABORASI_URL", "http://127.0.0.1:8000"))
    parser.add_argument("--batch", type=int, default=MOST_ROWS, help=f"rows of a call, at most {MOST_ROWS}")
    options = parser.parse_args()
    token = os.environ.get("KOLABORASI_TOKEN")
    if not token:
        print("KOLABORASI_TOKEN holds no token", file=sys.stderr)
        return 2
    server = Server(options.url, token)
    tasks_path, readings_path = options.folder / "tasks.csv", options.folder / "readings.csv"
    try:
        tasks, readings = read(tasks_path), read(readings_path)
        named = sorted({row["target"] for row in (*tasks, *readings) if "target" in row})
        ids = target_ids(server, options.organisation, named)
        tasks, wrong = whole_percents(tasks, tasks_path)
        tasks = [task_row(row, options.organisation) for row in tasks]
        tasks, without = with_target(tasks, ids, tasks_path, is_needed=False)
        readings, without_too = with_target(readings, ids, readings_path, is_needed=True)
        refused = wrong + without + without_too
        refused += send(server, "tasks", TASKS, tasks_path, tasks, options.batch)
        refused += send(server, "readings", READINGS, readings_path, readings, options.batch)
    except (Refused, OSError) as problem:
        print(problem, file=sys.stderr)
        return 2
    print(f"{server.requests} requests")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
