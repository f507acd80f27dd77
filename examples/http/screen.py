"""Screens the addresses of a file (or of the command line) against a running `athar serve`.

    python screen.py http://127.0.0.1:8765 ADDRESS...
    python screen.py http://127.0.0.1:8765 --file addresses.txt --depth exposure

The key comes from the environment variable ATHAR_KEY. Needs nothing but `requests`. Prints one JSON object a line; the exit code is
0, or 3 where a subject is severe, so that a script can stop on it.
"""

import argparse
import hashlib
import json
import os
import sys

import requests

BATCH = 10_000


def screen(base, subjects, depth):
    """The results for subjects, in their order. A request whose connection breaks may be sent again: the key makes it one."""
    session = requests.Session()
    if key := os.environ.get("ATHAR_KEY"):
        session.headers["Authorization"] = f"Bearer {key}"
    for begin in range(0, len(subjects), BATCH):
        body = json.dumps({"subjects": subjects[begin : begin + BATCH], "depth": depth}).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": hashlib.sha256(body).hexdigest(),
        }
        answer = session.post(f"{base}/v1/screenings", data=body, headers=headers, timeout=60)
        if answer.headers["Content-Type"] == "application/problem+json":
            problem = answer.json()
            sys.exit(f"{problem['code']}: {problem['detail']} (see {problem['documentation']})")
        yield from answer.json()["results"]


def summary(result):
    """One line of the answer: what is known, why, and on which state of the store."""
    subject = result["subject"]
    if result["error"]:
        return {"value": subject.get("value"), "error": result["error"]["code"], "detail": result["error"]["detail"]}
    screening = result["screening"]
    reasons = [
        {"relation": s["relation"], "category": s["category"], "label": s["label"], "level": s["level"]}
        for s in screening["statements"]
    ]
    return {
        "value": subject["value"],
        # "unknown" is not "none": nothing being known of an address does not make it clean
        "risk": result["risk"],
        "reasons": reasons,
        "snapshot": screening["snapshot"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", help="where the service is, as http://127.0.0.1:8765")
    parser.add_argument("address", nargs="*")
    parser.add_argument("--file", help="a file with an address on each line, UTF-8")
    parser.add_argument("--depth", choices=["direct", "exposure"], default="direct")
    args = parser.parse_args()
    # labels are in Arabic too: whatever the terminal's encoding, the output is UTF-8
    sys.stdout.reconfigure(encoding="utf-8")
    values = list(args.address)
    if args.file:
        with open(args.file, encoding="utf-8") as lines:
            values += [line.strip() for line in lines if line.strip()]
    subjects = [{"kind": "address", "value": value, "reference": str(n)} for n, value in enumerate(values)]
    is_severe = False
    for result in screen(args.base.rstrip("/"), subjects, args.depth):
        print(json.dumps(summary(result), ensure_ascii=False))
        is_severe = is_severe or result["risk"] == "severe"
    return 3 if is_severe else 0


if __name__ == "__main__":
    sys.exit(main())
