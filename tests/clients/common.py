"""What the clients' scripts share: where the exchange is, and rows of the conformance matrix."""

import json
import sys
import urllib.request

URL, KEY, SECRET = sys.argv[1:4]
WS = URL.replace("http", "ws", 1)


def row(number, what, holds, seen=None):
    """One row of the matrix: it holds, or the script ends with what was seen instead."""
    if not holds:
        sys.exit(f"row {number} ({what}) does not hold: {seen!r}")
    print(f"row {number}: {what}", flush=True)


def refused(kind, act, *arguments, **named):
    """The error of this kind that a call raises."""
    try:
        answer = act(*arguments, **named)
    except kind as error:
        return error
    sys.exit(f"{act} was not refused but answered {answer!r}")


def control(command):
    """Steers the exchange from outside of its protocol."""
    with urllib.request.urlopen(f"{URL}/tapeline/{command}", timeout=10) as answer:
        return json.loads(answer.read())
