"""Opens the live columns of a store with pyarrow: no export, no copy.

Every file of a segment is one column, an Arrow IPC file with a single record batch, and its body begins on a page: it is
mapped, not read. The manifest names the segments in use; a folder that it does not name is being written or about to be
removed. Columns are written once and never changed, so reading beside a running ingest is safe.

Prints as JSON how many rows each column of the chain has, and sums over some of them. Integers only: no float holds money.
"""

import argparse
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

# stands where an output pays no address: live columns have no nulls
NO_ADDRESS = 2**32 - 1


def segments(store: Path, chain: str) -> list[Path]:
    """The folders of the segments in use, in chain order."""
    manifest = json.loads((store / "MANIFEST.json").read_text(encoding="utf-8"))["manifest"]
    entry = next(entry for entry in manifest["chains"] if entry["chain"] == chain)
    return [store / chain / segment["folder"] for segment in entry["segments"]]


def column(file: Path) -> pa.Array:
    """A column, mapped."""
    batch = pa.ipc.open_file(pa.memory_map(str(file))).get_batch(0)
    return batch.column(0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--chain", default="bitcoin")
    words = parser.parse_args()

    folders = segments(words.store, words.chain)
    columns = {}
    for folder in folders:
        for file in sorted(folder.glob("*.arrow")):
            columns.setdefault(file.stem, []).append(column(file))
    before = pa.total_allocated_bytes()
    # a column of the whole chain: the segments' parts one after the other, still mapped
    chain = {name: pa.chunked_array(parts) for name, parts in columns.items()}
    values, kinds, paid = chain["output.value"], chain["output.kind"], chain["output.address"]
    answer = {
        "segments": len(folders),
        "columns": {name: {"type": str(data.type), "rows": len(data)} for name, data in chain.items()},
        "mapped_bytes": sum(data.nbytes for data in chain.values()),
        "copied_bytes": pa.total_allocated_bytes() - before,
        "blocks": len(chain["block.hash"]),
        # hashes lie in the order of the wire; they are shown the other way round
        "tip_hash": chain["block.hash"][-1].as_py()[::-1].hex(),
        "outputs": len(values),
        "output_sat": pc.sum(values).as_py(),
        "outputs_by_kind": {row["values"]: row["counts"] for row in pc.value_counts(kinds).to_pylist()},
        "addresses_paid": pc.count_distinct(paid.filter(pc.not_equal(paid, NO_ADDRESS))).as_py(),
    }
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
