"""What is said, in English and German."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.slack.convert.addressing import meant
from bot.commands.table import TABLE
from bot.errors import CommandError
from bot.models import Platform
from bot.texts import Catalogue, Texts, catalogue, language_name, languages, phrase, texts_for

NOW = datetime(2026, 8, 9, 14, 5, tzinfo=UTC)


@pytest.fixture
def english() -> Texts:
    return texts_for("en")


@pytest.fixture
def german() -> Texts:
    return texts_for("de", "Europe/Berlin")


def test_a_text_is_said_with_its_values(english: Texts) -> None:
    assert english.say("Hello {name}, {name}!", name="{you}") == "Hello {you}, {you}!"


def test_a_text_without_translation_is_said_in_english(german: Texts) -> None:
    assert german.say("never written") == "never written"


@pytest.mark.parametrize(("code", "name"), [("de", "Deutsch"), ("en-US", "English (United States)"), ("xx", "xx")])
def test_a_language_calls_itself_by_its_own_name(code: str, name: str) -> None:
    assert language_name(code) == name


def test_a_phrase_is_itself() -> None:
    assert phrase("as it is") == "as it is"


@pytest.mark.parametrize(
    ("n", "said"),
    [(0, "0 msgs"), (1, "1 msg"), (2, "2 msgs"), (999, "999 msgs"), (1000, "1k msgs"), (1249, "1.2k msgs")],
)
def test_counts_take_the_right_form(english: Texts, n: int, said: str) -> None:
    assert english.count("{n} msg", "{n} msgs", n) == said


def test_german_counts_take_german_forms(german: Texts) -> None:
    assert german.count("{n} reply since", "{n} replies since", 1) == "1 Antwort seither"
    assert german.count("{n} reply since", "{n} replies since", 2) == "2 Antworten seither"


def test_a_language_with_three_forms_uses_them() -> None:
    polish = "(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2)"
    files = Catalogue(forms={"file": ("plik", "pliki", "plikow")}, plural=polish)
    assert [files.of("file", "files", n) for n in (1, 3, 5, 22)] == ["plik", "pliki", "plikow", "pliki"]
    assert Catalogue(forms={"file": ("plik",)}, plural=polish).of("file", "files", 5) == "plik"


@pytest.mark.parametrize(
    ("n", "shown", "deutsch"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1_000, "1k", "1k"),
        (1_199, "1.1k", "1,1k"),
        (1_999, "1.9k", "1,9k"),
        (12_345, "12.3k", "12,3k"),
        (100_900, "100k", "100k"),
        (999_999, "999k", "999k"),
        (1_250_000, "1.2M", "1,2M"),
    ],
)
def test_numbers_are_exact_to_999_and_never_rounded_up(n: int, shown: str, deutsch: str) -> None:
    assert texts_for("en").number(n) == shown
    assert texts_for("de").number(n) == deutsch


def test_long_numbers_and_fractions_follow_the_locale(english: Texts, german: Texts) -> None:
    assert (english.exact(12345), german.exact(12345)) == ("12,345", "12.345")
    assert (english.decimal(1.255, 1), german.decimal(2.5)) == ("1.3", "2,5")


@pytest.mark.parametrize(
    ("past", "short", "spoken"),
    [
        (timedelta(seconds=-5), "just now", "just now"),
        (timedelta(seconds=59), "just now", "just now"),
        (timedelta(seconds=60), "1m ago", "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59m ago", "59 minutes ago"),
        (timedelta(hours=1), "1h ago", "1 hour ago"),
        (timedelta(hours=2, minutes=50), "2h ago", "2 hours ago"),
        (timedelta(hours=23, minutes=59), "23h ago", "23 hours ago"),
        (timedelta(days=1), "1d ago", "1 day ago"),
        (timedelta(days=6, hours=23), "6d ago", "6 days ago"),
        (timedelta(days=7), "2 Aug", "2 Aug"),
        (timedelta(days=400), "5 Jul 2025", "5 Jul 2025"),
    ],
)
def test_how_long_ago(english: Texts, past: timedelta, short: str, spoken: str) -> None:
    assert english.ago(NOW - past, NOW) == short
    assert english.ago_spoken(NOW - past, NOW) == spoken


@pytest.mark.parametrize("days", [-1, 0, 0.1, 6.99, 7, 220.5, 221, 400])
def test_both_times_at_once_are_what_each_says(english: Texts, german: Texts, days: float) -> None:
    moment = NOW - timedelta(days=days)
    for texts in (english, german):
        assert texts.times(moment, NOW) == (texts.moment(moment), texts.ago(moment, NOW))


def test_how_long_ago_in_german(german: Texts) -> None:
    assert german.ago(NOW - timedelta(hours=2), NOW) == "vor\u00a02\u00a0h"
    assert german.ago(NOW - timedelta(days=1), NOW) == "vor\u00a01\u00a0Tag"
    assert german.ago(NOW - timedelta(days=3), NOW) == "vor\u00a03\u00a0Tagen"
    assert german.ago_spoken(NOW - timedelta(hours=2), NOW) == "vor 2 Stunden"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=8, minutes=30), "8 h 30 min"),
        (timedelta(days=2, hours=3, minutes=4), "2 d 3 h"),
        (timedelta(seconds=12), "0 min"),
        (timedelta(days=1, minutes=5), "1 d 5 min"),
    ],
)
def test_lengths_of_time_show_two_units(english: Texts, length: timedelta, said: str) -> None:
    assert english.lasting(length) == said


def test_dates_and_times_are_those_of_the_zone(english: Texts, german: Texts) -> None:
    late = datetime(2026, 8, 9, 22, 30, tzinfo=UTC)
    assert (english.date(late), english.time(late), english.weekday(late)) == ("9 Aug 2026", "22:30", "Sunday")
    assert (german.date(late), german.time(late), german.weekday(late)) == ("10. Aug. 2026", "00:30", "Montag")
    assert english.moment(late) == "9 Aug 2026, 22:30"


def test_american_readers_get_american_dates() -> None:
    american = texts_for("en-US")
    assert (american.date(NOW), american.locale) == ("Aug 9, 2026", "en-US")
    assert american.time(NOW).replace("\u202f", " ") == "2:05 PM"


def test_spans_are_half_open(english: Texts, german: Texts) -> None:
    start, end = datetime(2026, 8, 3, tzinfo=UTC), datetime(2026, 8, 10, tzinfo=UTC)
    assert english.span(start, end) == "3–9 Aug"
    assert english.span(start, start + timedelta(hours=24)) == "3 Aug"
    assert english.span(start, start) == "3 Aug"
    assert german.span(start, end) == "3.–10. Aug."
    new_year = english.span(datetime(2026, 12, 28, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC))
    assert new_year.replace("\u2009", " ") == "28 Dec 2026 – 3 Jan 2027"


@pytest.mark.parametrize("locale", ["fr-FR", "", "x", "tlh", "../../etc", "en"])
def test_an_unknown_locale_is_english(locale: str) -> None:
    assert (Texts(locale).language, Texts(locale).locale) == ("en", "en-GB")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../x", "CET+1"])
def test_an_unknown_zone_is_utc(zone: str) -> None:
    assert Texts("en", zone).zone == "UTC"


def test_the_same_texts_are_shared() -> None:
    assert texts_for("de", "Europe/Berlin") is texts_for("de", "Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Never want to be quoted? /privacy optout", "Never want to be quoted? /folkmoot privacy optout"),
        ("Run /folkmoot-admin setup.", "Run /folkmoot admin setup."),
        ("/folkmoot help lists them all.", "/folkmoot help lists them all."),
        ("React with ⭐ or use /highlight.", "React with ⭐ or use /folkmoot highlight."),
        ("(/folkmoot-admin link)", "(/folkmoot admin link)"),
        ("/slack/events https://x/digest a/privacy /digests", "/slack/events https://x/digest a/privacy /digests"),
    ],
)
def test_on_slack_commands_are_named_as_they_can_always_be_typed(text: str, said: str) -> None:
    there = texts_for("tlh").on(Platform.SLACK)
    assert there.say(text) == said
    assert there.say("{words}", words=text) == text  # what people wrote stays
    assert texts_for("tlh").on(Platform.DISCORD).say(text) == text
    assert there.on(Platform.SLACK) is there


def test_on_slack_a_count_names_commands_so_too() -> None:
    one, many = "{n} post: /folkmoot-admin doctor.", "{n} posts: /folkmoot-admin doctor."
    assert texts_for("tlh").on(Platform.SLACK).count(one, many, 2) == "2 posts: /folkmoot admin doctor."


def test_whatever_command_there_is_can_be_named_so() -> None:
    there = texts_for("de", "Europe/Berlin").on(Platform.SLACK)
    assert there.zone == "Europe/Berlin"
    for name in TABLE:
        group, _, verb = name.partition(" ")
        whole = f"admin {verb}" if group == "folkmoot-admin" else name.removeprefix("folkmoot ")
        assert there.command(name) == f"/folkmoot {whole}"
        assert meant(whole, there)[0].name == name
    with pytest.raises(CommandError, match=r"Meinst du: /folkmoot admin setup, /folkmoot admin watch,"):
        meant("admin", there)


def test_we_speak_english_and_german() -> None:
    assert languages() == ("de", "en")


def test_a_language_without_catalogue_is_empty() -> None:
    assert catalogue("tlh") == Catalogue()
