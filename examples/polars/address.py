"""The answer of `athar --json address ADDRESS` (its snapshot aside), from exported tables with Polars."""

import argparse
import sys

import polars as pl
from tables import TIME, Tables, dollars, page, run, usd_cents


def answer(tables: Tables, words: argparse.Namespace) -> dict | None:
    found = tables.scan("addresses").filter(pl.col("address") == words.address).collect()
    if found.is_empty():
        return None
    address = found.row(0, named=True)
    paid = (
        tables.scan("outputs")
        .filter(pl.col("address_id") == address["address_id"])
        .join(tables.scan("blocks").select("height", "price_usd_cents"), on="height")
        .with_columns(
            usd_cents=usd_cents(pl.col("value_sat"), pl.col("price_usd_cents")), time=pl.col("time").dt.strftime(TIME)
        )
        .sort("output_id")
        .collect()
    )
    spent = paid.filter(pl.col("spent_by_tx_id").is_not_null())
    txs = tables.txs(pl.concat([paid["tx_id"], spent["spent_by_tx_id"]]).unique())
    first, last = txs[min(txs)], txs[max(txs)]
    # one day without a price leaves the sum without one
    received_cents = None if paid["usd_cents"].has_nulls() else paid["usd_cents"].sum()
    outputs = [
        {
            "txid": txs[row["tx_id"]]["txid"],
            "vout": row["vout"],
            "height": row["height"],
            "time": row["time"],
            "value_sat": row["value_sat"],
            "usd": dollars(row["usd_cents"]),
            "spent_by": txs[row["spent_by_tx_id"]]["txid"] if row["spent_by_tx_id"] is not None else None,
        }
        for row in page(list(paid.iter_rows(named=True)), words)
    ]
    labels = tables.scan("labels").filter(pl.col("address_id") == address["address_id"]).sort("label_id")
    entity = tables.scan("entities").filter(pl.col("entity_id") == address["entity_id"]).select("entity")
    chain, network = tables.about("addresses")["athar.chain"].split("/")
    return {
        "address": address["address"],
        "chain": chain,
        "network": network,
        "entity": entity.collect().item(),
        "received_sat": paid["value_sat"].sum(),
        "received_usd": dollars(received_cents),
        "sent_sat": spent["value_sat"].sum(),
        "balance_sat": paid["value_sat"].sum() - spent["value_sat"].sum(),
        "output_count": len(paid),
        "first_height": first["height"],
        "last_height": last["height"],
        "first_time": first["time"],
        "last_time": last["time"],
        "labels": labels.select("label").collect()["label"].to_list(),
        "outputs": outputs,
        "offset": words.offset,
        "outputs_truncated": words.offset + len(outputs) < len(paid),
    }


if __name__ == "__main__":
    sys.exit(run(__doc__, answer))
