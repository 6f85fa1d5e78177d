import io

import pytest
from rich.console import Console

from bot.cli import progress
from bot.cli.progress import Bar, Lines


def test_away_from_a_terminal_lines_come_only_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = Lines()
    lines.begin(100)
    lines.advance(10, 5)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(progress, "EVERY", 0.0)
    lines.advance(50, 1_200)
    said = capsys.readouterr().err
    assert said.startswith("50 % · 1,200 messages · ")
    assert said.endswith("0:00 left\n")


def test_on_a_terminal_there_is_a_bar_with_rate_and_time_left() -> None:
    out = io.StringIO()
    bar = Bar("Importing", Console(file=out, force_terminal=True, width=80))
    bar.begin(100)
    bar.advance(50, 1_200)
    bar.say("x.zip, [general]/a.json is damaged.")
    bar.stage("Titles, summaries, search")
    bar.end()
    shown = out.getvalue()
    assert "1,200 messages, " in shown
    assert "x.zip, [general]/a.json is damaged." in shown
    assert "Titles, summaries, search" in shown
    assert "50 %" in shown
    assert "0:00 left" in shown
    assert "…" not in shown


def test_without_a_terminal_plain_lines_are_chosen() -> None:
    assert isinstance(progress.progress("Importing"), Lines)
