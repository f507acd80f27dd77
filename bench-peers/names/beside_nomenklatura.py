"""Athar's name comparison beside nomenklatura's, on the same labelled pairs, in one run.

usage: python beside_nomenklatura.py ATHAR PAIRS.csv

PAIRS.csv has the columns name1,name2,same,kind,person, as `athar bench names --pairs` writes it. Prints for every kind and matcher
the best F1 over all thresholds with that threshold, precision and recall there, the share of true pairs at 0.5 and 0.7, the
share of false pairs at 0.7, and the time a pair takes (of Athar's: of the whole process, reading and writing CSV included).
"""

import csv
import json
import subprocess
import sys
import time

from followthemoney import model
from nomenklatura.matching import get_algorithm
from nomenklatura.matching.types import ScoringConfig


def best_f1(scored):
    """The best F1 of (score, same) pairs over thresholds that part different scores: (f1, threshold, precision, recall)."""
    scored = sorted(scored, key=lambda pair: -pair[0])
    positives = sum(same for _, same in scored)
    best, true, i = (0.0, 1.0, 0.0, 0.0), 0, 0
    while i < len(scored):
        score = scored[i][0]
        while i < len(scored) and scored[i][0] == score:
            true += scored[i][1]
            i += 1
        precision, recall = true / i, true / positives
        if true:
            best = max(best, (2 * precision * recall / (precision + recall), score, precision, recall))
    return best


def entity(name, person):
    schema = "Person" if person == "true" else "Organization"
    return model.get_proxy({"id": name, "schema": schema, "properties": {"name": [name]}})


def nomenklatura(algorithm, pairs):
    compare, config = get_algorithm(algorithm).compare, ScoringConfig.defaults()
    start = time.perf_counter()
    scores = [compare(entity(p["name1"], p["person"]), entity(p["name2"], p["person"]), config).score for p in pairs]
    return scores, (time.perf_counter() - start) / len(pairs)


def athar(binary, path, pairs):
    start = time.perf_counter()
    out = subprocess.run([binary, "names", "compare", "--file", path, "--json"], capture_output=True, check=True).stdout
    lines = [json.loads(line) for line in out.splitlines()]
    took = (time.perf_counter() - start) / len(pairs)
    assert [line["name1"] for line in lines] == [p["name1"] for p in pairs]
    return [line["score"] for line in lines], took


def main():
    binary, path = sys.argv[1:]
    with open(path, encoding="utf-8", newline="") as file:
        pairs = list(csv.DictReader(file))
    contenders = {
        "athar": lambda: athar(binary, path, pairs),
        "logic-v2": lambda: nomenklatura("logic-v2", pairs),
        "name-based": lambda: nomenklatura("name-based", pairs),
    }
    print("| pairs | matcher | best F1 | at | precision | recall | true >= 0.5 | true >= 0.7 | false >= 0.7 | us a pair |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    results = {name: run() for name, run in contenders.items()}
    for kind in sorted({p["kind"] for p in pairs}):
        for name, (scores, took) in results.items():
            scored = [(s, p["same"] == "true") for s, p in zip(scores, pairs) if p["kind"] == kind]
            true = [s for s, same in scored if same]
            false = [s for s, same in scored if not same]
            f1, at, precision, recall = best_f1(scored)
            share = lambda of, least: f"{100 * sum(s >= least for s in of) / len(of):.1f} %"
            print(
                f"| {kind} ({len(true)} + {len(false)}) | {name} | {f1:.3f} | {at:.3f} | {precision:.3f} | {recall:.3f} "
                f"| {share(true, 0.5)} | {share(true, 0.7)} | {share(false, 0.7)} | {1e6 * took:.0f} |"
            )


if __name__ == "__main__":
    main()
