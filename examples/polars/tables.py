"""Exported tables as Polars frames, and what both questions need of them."""

import argparse
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import polars as pl

TIME = "%Y-%m-%dT%H:%M:%SZ"


class Tables:
    """The folder that `athar export parquet` wrote."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def scan(self, table: str) -> pl.LazyFrame:
        """A table. Nothing is read before `collect`, and then only the columns and row groups that are needed."""
        return pl.scan_parquet(self.folder / table / "**" / "*.parquet", hive_partitioning=False)

    def about(self, table: str) -> dict[str, str]:
        """What the files of a table say of themselves: snapshot, tip, chain, heuristics."""
        file = next((self.folder / table).rglob("*.parquet"))
        return pl.read_parquet_metadata(file)

    def txs(self, ids: pl.Series) -> dict[int, dict]:
        """Transactions by their ids, with the text of txid and time."""
        rows = (
            self.scan("transactions")
            .filter(pl.col("tx_id").is_in(ids.implode()))
            .select("tx_id", pl.col("txid").bin.encode("hex"), "height", pl.col("time").dt.strftime(TIME))
            .collect()
        )
        return {row["tx_id"]: row for row in rows.iter_rows(named=True)}


def usd_cents(value_sat: pl.Expr) -> pl.Expr:
    """Value in cents at `price_usd`, rounded half up, in 128-bit integers: no float holds money. Null: no price."""
    price = pl.col("price_usd").to_physical()  # in 10^-10 dollars a coin
    return (value_sat.cast(pl.Int128) * price // 100_000_000 + 50_000_000) // 100_000_000


def dollars(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(int(cents)) / 100


def page(rows: list, words: argparse.Namespace) -> list:
    return rows[words.offset : words.offset + words.limit]


def run(description: str, answer: Callable[[Tables, argparse.Namespace], dict | None]) -> int:
    """Answers for the command line: JSON on stdout, `null` and exit code 1 where there is nothing."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("tables", help="folder that `athar export parquet` wrote")
    parser.add_argument("address")
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--limit", type=int, default=100)
    words = parser.parse_args()
    found = answer(Tables(words.tables), words)
    print(json.dumps(found, default=float, ensure_ascii=False))
    return 0 if found else 1
