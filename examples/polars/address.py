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
        .join(tables.scan("blocks").select("height", "price_usd"), on="height")
        .with_columns(
            usd_cents=usd_cents(pl.col("value_sat")), day=pl.col("time").dt.date(), time=pl.col("time").dt.strftime(TIME)
        )
        .sort("output_id")
        .collect()
    )
    spent = paid.filter(pl.col("spent_by_tx_id").is_not_null())
    txs = tables.txs(pl.concat([paid["tx_id"], spent["spent_by_tx_id"]]).unique())
    first, last = txs[min(txs)], txs[max(txs)]
    # what was received on each day is worth its price; null where no day has one
    days = paid.group_by("day").agg(pl.col("value_sat").sum(), pl.col("price_usd").first())
    days = days.with_columns(usd_cents=usd_cents(pl.col("value_sat")))
    priced, unpriced = days.filter(pl.col("usd_cents").is_not_null()), days.filter(pl.col("usd_cents").is_null())
    unpriced_sat = unpriced["value_sat"].sum()
    received_cents = priced["usd_cents"].sum() if priced["value_sat"].sum() > 0 or unpriced_sat == 0 else None
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
        "received_unpriced_sat": unpriced_sat,
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
