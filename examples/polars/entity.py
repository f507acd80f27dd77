"""The answer of `athar --json entity ADDRESS` (its snapshot aside), from exported tables with Polars.

Needs an export up to the tip: the balance is valued at the price of its day. What the entity received and sent is added
up from `outputs` here, to show the way from addresses to money; `entities` has the same sums ready.
"""

import argparse
import sys

import polars as pl
from tables import Tables, dollars, page, run, usd_cents

LABEL = {
    "subject": pl.col("subject"),
    "kind": pl.col("subject_kind"),
    "chain": pl.col("chain"),
    "label": pl.col("label"),
    "category": pl.col("category"),
    "basis": pl.col("basis"),
    "source": pl.col("source"),
    "confidence": pl.col("confidence_level"),
    "actor": pl.col("actor"),
    "country": pl.col("country"),
    "valid_from": pl.col("valid_from").cast(pl.String),
    "valid_to": pl.col("valid_to").cast(pl.String),
    "pack": pl.col("pack_title"),
    "line": pl.col("line"),
    "quarantine": pl.lit(None),
    "note": pl.col("note"),
}


def answer(tables: Tables, words: argparse.Namespace) -> dict | None:
    addresses = tables.scan("addresses").select("address_id", "address", "entity_id")
    found = addresses.filter(pl.col("address") == words.address).collect()
    if found.is_empty():
        return None
    asked = found.row(0, named=True)
    members = addresses.filter(pl.col("entity_id") == asked["entity_id"]).sort("address_id").collect()
    paid = tables.scan("outputs").join(members.lazy().select("address_id"), on="address_id", how="semi").collect()
    spent = paid.filter(pl.col("spent_by_tx_id").is_not_null())
    ends = [paid["tx_id"].min(), max(paid["tx_id"].max(), spent["spent_by_tx_id"].max() or 0)]
    txs = tables.txs(pl.Series(ends, dtype=pl.UInt32))
    first, last = txs[ends[0]], txs[ends[1]]
    balance = paid["value_sat"].sum() - spent["value_sat"].sum()
    last_block = tables.scan("blocks").sort("height").last().collect()
    cents = last_block.select(usd_cents(pl.lit(balance))).item()
    tip = last_block.row(0, named=True)
    price = {
        "asset": tables.about("blocks")["athar.coin"],
        "day": str(tip["time"].date()),
        "usd": tip["price_usd"],
        "sources": tip["price_sources"],
        "builtin": tip["price_builtin"],
    }
    # a label on one customer's account at a service stays on its address, and then is all that is said of it
    own = (pl.col("address_id") == asked["address_id"]) & pl.col("entity_id").is_null()
    labels = tables.scan("labels").filter(own | (pl.col("entity_id") == asked["entity_id"])).sort("label_id").collect()
    if labels["entity_id"].has_nulls():
        labels = labels.filter(pl.col("entity_id").is_null())
    listed = page(members["address"].to_list(), words)
    return {
        "entity": members["address"][0],
        "size": len(members),
        "addresses": listed,
        "offset": words.offset,
        "addresses_truncated": words.offset + len(listed) < len(members),
        "first_height": first["height"],
        # an export is of entities that know every block
        "as_of_height": tip["height"],
        "last_height": last["height"],
        "first_time": first["time"],
        "last_time": last["time"],
        "received_sat": paid["value_sat"].sum(),
        "sent_sat": spent["value_sat"].sum(),
        "balance_sat": balance,
        "balance_usd": dollars(cents),
        "price": price if tip["price_usd"] is not None else None,
        "labels": labels.select(**LABEL).to_dicts(),
        "heuristics": tables.about("addresses")["athar.heuristics"].split(" ")[1],
    }


if __name__ == "__main__":
    sys.exit(run(__doc__, answer))
