"""Runs a query of this folder with DuckDB and prints its answer as JSON; `null` and exit code 1 where there is none."""

import argparse
import sys
from pathlib import Path

import duckdb


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("query", choices=["address", "entity"])
    parser.add_argument("tables", help="folder that `athar export parquet` wrote")
    parser.add_argument("address")
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--limit", type=int, default=100)
    words = parser.parse_args()

    db = duckdb.connect()
    variables = {
        "tables": words.tables,
        "address": words.address,
        "page_offset": words.offset,
        "page_limit": words.limit,
    }
    for name, value in variables.items():
        db.execute(f"SET VARIABLE {name} = ?", [value])
    sql = Path(__file__).with_name(f"{words.query}.sql").read_text(encoding="utf-8")
    sql = sql.rstrip().removesuffix(";")
    row = db.execute(f"SELECT to_json(answer) FROM ({sql}) answer").fetchone()
    print(row[0] if row else "null")
    return 0 if row else 1


if __name__ == "__main__":
    sys.exit(main())
