"""Logs in, makes cases as a team would have them, and writes the session's cookie and the pages to be read."""

import json
import sys
import urllib.parse
import urllib.request

CASES = 60
SUBJECTS = 300


def main() -> None:
    url, name, password, cookie_file, pages_file = sys.argv[1:]
    state = {"cookie": "", "csrf": ""}

    def ask(method: str, path: str, body: object = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url + path, data=data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if state["cookie"]:
            request.add_header("Cookie", state["cookie"])
            request.add_header("X-Athar-CSRF", state["csrf"])
        with urllib.request.urlopen(request) as answer:
            if set_cookie := answer.headers.get("Set-Cookie"):
                state["cookie"] = set_cookie.split(";")[0]
            return json.load(answer)

    state["csrf"] = ask("POST", "/v1/session", {"name": name, "password": password})["csrf"]
    subjects = addresses(ask)
    pages = []
    for subject in subjects:
        quoted = urllib.parse.quote(subject)
        pages += [
            f"subject {url}/v1/address/{quoted}?limit=25",
            f"subject {url}/v1/entity/{quoted}?limit=25",
            f"subject {url}/v1/screen?target={quoted}",
            f"subject {url}/v1/counterparties/{quoted}?side=both&of=entity&limit=25",
            f"subject {url}/v1/activity/{quoted}?of=entity&by=month",
        ]
    for at in range(CASES):
        case = ask("POST", "/v1/cases", {"title": f"Case {at}", "summary": "Donations and where they went"})["id"]
        own = [subjects[(at * 5 + n) % len(subjects)] for n in range(5)]
        for subject in own:
            ask("POST", f"/v1/cases/{case}/subjects", {"kind": "address", "chain": "bitcoin", "value": subject, "note": ""})
            ask("POST", f"/v1/cases/{case}/notes", {"text": f"Seen beside others: {subject}"})
        path = f"/v1/screen?target={urllib.parse.quote(own[0])}"
        pinned = ask("GET", path)
        finding = {"statement": "As screened", "path": path, "pinned": pinned, "note": ""}
        finding["snapshot"] = (pinned[0] if isinstance(pinned, list) else pinned)["snapshot"]
        ask("POST", f"/v1/cases/{case}/findings", finding)
        ask("POST", f"/v1/cases/{case}/tasks", {"text": "Ask the exchange", "assignee": None, "due": None, "done": False})
        pages += [f"case {url}/v1/cases/{case}"]
        pages += [f"case {url}/v1/cases/{case}/{kind}" for kind in ("subjects", "notes", "findings", "tasks", "history")]
    with open(cookie_file, "w", encoding="utf-8") as out:
        out.write(state["cookie"])
    with open(pages_file, "w", encoding="utf-8") as out:
        out.write("\n".join(pages) + "\n")


def addresses(ask) -> list[str]:
    """Addresses of the world, spread over its whole length."""
    tip = ask("GET", "/v1/status")["chains"][0]["tip_height"]
    found: dict[str, None] = {}
    for height in range(tip // 20, tip, max(1, tip // SUBJECTS)):
        tx = ask("GET", f"/v1/tx/{ask('GET', f'/v1/block/{height}')['txs'][-1]}")
        for output in tx["outputs"]:
            if output.get("address"):
                found[output["address"]] = None
    return list(found)[:SUBJECTS]


main()
