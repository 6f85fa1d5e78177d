"""What an operator types, and what the program answers: in this process, or as a process of its own."""

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.cli import main

ROOT = Path(__file__).parent.parent
# To put before a command: root may read and write everything; without these it is refused what anybody is refused.
AS_ANYBODY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def started(
    *args: str, folder: Path, settings: dict[str, str] | None = None, before: Sequence[str] = ()
) -> "subprocess.Popen[str]":
    """A process `python -m bot …` in a folder, with nothing in its environment but these settings."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | (settings or {})
    command = [*before, sys.executable, "-m", "bot", *args]
    return subprocess.Popen(  # a list of our own words, no shell
        command,
        cwd=folder,
        env=environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run_alone(*args: str, folder: Path, settings: dict[str, str] | None = None, before: Sequence[str] = ()) -> Ended:
    """Run a command as a process of its own until it ends."""
    with started(*args, folder=folder, settings=settings, before=before) as process:
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()  # what should have ended and did not
    return Ended(process.returncode, out, err)


def typed(*args: str, answer: str = "") -> Ended:
    """Run a command in this process, from the folder and environment that the test has; quicker, and as real."""
    out, err = io.StringIO(), io.StringIO()
    before: tuple[Any, ...] = (sys.argv, sys.stdin)
    sys.argv, sys.stdin = ["folkmoot", *args], io.StringIO(answer)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0
    finally:
        sys.argv, sys.stdin = before
    return Ended(code, out.getvalue(), err.getvalue())


def sentence_of(ended: Ended) -> str:
    """What a refused command says: one line on standard error that is one sentence, and nothing else anywhere."""
    assert ended.out == ""
    lines = ended.err.splitlines()
    assert len(lines) == 1, ended.err
    assert lines[0].startswith("folkmoot: ")
    sentence = lines[0].removeprefix("folkmoot: ")
    assert sentence.endswith(".")
    assert not re.search(r"[.!?]\s+[A-Z]", sentence), sentence
    assert "Traceback" not in sentence
    return sentence
