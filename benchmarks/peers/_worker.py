"""What the scripts of all contestants share; nothing but the standard library, for any environment.

A contestant is a process. It gets its task as JSON in its first argument, prepares, says so in a
line of JSON on standard output, and then does one run for each line of JSON it reads, answering
with one. What libraries print goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Answer = dict[str, Any]
Run = Callable[..., Answer]


@contextmanager
def timed(answer: Answer) -> Iterator[None]:
    """Write into an answer how long a block took: ``wall`` and ``cpu``, in seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    answer["cpu"] = time.process_time() - cpu
    answer["wall"] = time.perf_counter() - wall


def serve(version: str, prepare: Callable[[Answer], Run]) -> None:
    """Prepare and then run whenever asked to, until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def say(answer: Answer) -> None:
        answers.write(json.dumps(answer) + "\n")

    began = time.perf_counter()
    run = prepare(json.loads(sys.argv[1]))
    say({"version": version, "setup": time.perf_counter() - began})
    for line in sys.stdin:
        say(run(**json.loads(line)))
