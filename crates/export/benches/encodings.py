"""Why exported tables are encoded as they are: the alternatives, written by pyarrow from an export's own rows.

usage: python crates/export/benches/encodings.py DIR     (DIR: an export; needs examples/requirements.txt)

Prints bytes a row on disk and in memory, and seconds of processor time, one thread.
"""

import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

DIR = Path(sys.argv[1])
RISING = {"output_id", "tx_id", "address_id", "spent_by_tx_id", "entity_id", "first_tx_id", "last_tx_id"}
PLAIN = RISING | {"address", "entity", "value_sat", "received_sat", "sent_sat"}


def read(table: str, columns: list[str] | None = None) -> pa.Table:
    return pq.read_table(sorted((DIR / table).rglob("*.parquet")), columns=columns, partitioning=None)


def timed(work) -> float:
    """Processor time, the least of three."""
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def write(table: pa.Table, to: Path, level: int = 3) -> None:
    names = set(table.column_names)
    pq.write_table(
        table,
        to,
        compression="zstd",
        compression_level=level,
        use_dictionary=sorted(names - PLAIN - {"txid"}),
        column_encoding={name: "DELTA_BINARY_PACKED" for name in names & RISING},
    )


def main() -> None:
    pa.set_cpu_count(1)
    db = duckdb.connect()
    db.execute("SET threads = 1")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "t.parquet"
        binary = read("transactions", ["txid"])
        rows = len(binary)
        some = binary["txid"][rows // 2].as_py().hex()
        text = pa.table({"txid": pa.array([txid.hex() for txid in binary["txid"].to_pylist()])})
        print(f"txid of {rows} transactions: bytes a row on disk, in memory; seconds to read, to find one in DuckDB")
        for name, table, literal in [("binary", binary, f"unhex('{some}')"), ("text", text, f"'{some}'")]:
            write(table, file)
            find = f"SELECT count(*) FROM '{file}' WHERE txid = {literal}"
            assert db.execute(find).fetchone() == (1,)
            reading = timed(lambda: pq.read_table(file, use_threads=False))
            finding = timed(lambda: db.execute(find).fetchone())
            size = file.stat().st_size / rows
            print(f"  {name:6} {size:5.1f} {table.nbytes / rows:5.1f}   {reading:.3f} {finding:.3f}")
        for name in ["outputs", "addresses"]:
            table = read(name)
            print(f"{name}, {len(table)} rows: level, bytes a row, seconds to write")
            for level in [1, 3, 9]:
                took = timed(lambda level=level: write(table, file, level))
                print(f"  {level} {file.stat().st_size / len(table):6.2f}   {took:.2f}")


if __name__ == "__main__":
    main()
