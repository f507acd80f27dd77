#!/usr/bin/env python3
"""Holds many slow connections to a running service and times how others are answered meanwhile.

    usage: scripts/slow-connections.py URL [CONNECTIONS] [SECONDS]

Each connection sends the beginning of a request and then a byte now and then, as a client does that wants to hold a place. The
service must have been started with room for them (`athar serve --connections 10200`) and, like this program, be allowed so many
open files (`ulimit -n 32768`). Prints what was held, how many were cut off by the service, and the times of the others' answers.
Ends with 1 where one of the others was not answered. Only the standard library is needed.
"""

import http.client
import resource
import socket
import sys
import threading
import time
from urllib.parse import urlsplit


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    url = urlsplit(sys.argv[1])
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 20.0
    host, port = url.hostname or "127.0.0.1", url.port or 80
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted + 100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, wanted + 200), hard))

    head = f"GET /health HTTP/1.1\r\nhost: {host}:{port}\r\nx-slow: ".encode()
    slow: list[socket.socket] = []
    begun = time.monotonic()
    for _ in range(wanted):
        one = socket.create_connection((host, port), timeout=30)
        one.sendall(head)
        slow.append(one)
    held_in = time.monotonic() - begun

    cut = 0
    stop = threading.Event()

    def trickle() -> None:
        """A byte to every connection every two seconds: slower than any honest client."""
        nonlocal cut
        while not stop.wait(2.0):
            for one in slow:
                if one.fileno() < 0:
                    continue
                try:
                    one.send(b"a")
                except OSError:
                    cut += 1
                    one.close()

    thread = threading.Thread(target=trickle, daemon=True)
    thread.start()
    times: list[float] = []
    failed = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        asked = time.monotonic()
        try:
            other = http.client.HTTPConnection(host, port, timeout=10)
            other.request("GET", "/health")
            failed += other.getresponse().status != 200
            other.close()
        except OSError:
            failed += 1
        times.append(time.monotonic() - asked)
        time.sleep(0.02)
    stop.set()
    thread.join()
    times.sort()
    at = lambda share: 1_000 * times[min(len(times) - 1, int(share * len(times)))]
    print(f"{len(slow)} slow connections opened in {held_in:.1f} s; {cut} cut off by the service, {len(slow) - cut} open at the end")
    print(f"{len(times)} other requests, {failed} not answered: p50 {at(0.5):.1f} ms, p99 {at(0.99):.1f} ms, most {1_000 * times[-1]:.1f} ms")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
