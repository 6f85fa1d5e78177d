"""What we say, in the reader's language: messages, numbers, times and dates.

English literals stand at the call site and are looked up in `locales/<language>.po`; one that is missing there is said
in English. The catalogues are read as they are, so nothing has to be compiled.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from gettext import c2py
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, format_time, format_timedelta
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.models import Platform

LOCALES = Path(__file__).parent / "locales"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
THOUSAND = 1_000
MILLION = 1_000_000
TENS = 100  # from this many thousands on, tenths are left out
MAIN = "folkmoot"  # the one command that can do everything
SHORT = (
    "discussion",
    "highlight",
    "highlight-admin",
    "highlight-own",
    "highlights",
    "unhighlight",
    "digest",
    "catchup",
    "privacy",
)
ADMIN = "folkmoot-admin"
_COMMAND = re.compile(rf"(?<![\w/])/({'|'.join((*SHORT, ADMIN))})(?![\w/-])")


def phrase(text: str) -> str:
    """Mark a text for the catalogues and return it unchanged: for tables whose texts are said later."""
    return text


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The translations of one language: forms by English text; `plural` picks the form for a number."""

    forms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plural: str = "n != 1"

    def one(self, text: str) -> str:
        """The translation of a text, or the text."""
        return self.forms.get(text, (text,))[0]

    def of(self, one: str, many: str, n: int) -> str:
        """The translation of the form that `n` takes, or the English form."""
        forms = self.forms.get(one, (one, many))
        return forms[min(int(chooser(self.plural)(n)), len(forms) - 1)]


@lru_cache(maxsize=8)
def chooser(plural: str) -> Callable[[int], int]:
    """What picks the plural form for a number, as catalogues write it."""
    return c2py(plural)


@lru_cache(maxsize=8)
def catalogue(language: str) -> Catalogue:
    """Read a language's catalogue; an empty one (English as written) when there is none."""
    path = LOCALES / f"{language}.po"
    if not path.is_file():
        return Catalogue()
    with path.open("rb") as file:
        entries = read_po(file, locale=language)
    forms: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        key = entry.id if isinstance(entry.id, str) else entry.id[0]
        said = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())
        if key and said and all(said) and not entry.fuzzy:
            forms[key] = said
    return Catalogue(forms=forms, plural=entries.plural_expr)


@cache
def languages() -> tuple[str, ...]:
    """The languages we speak, by their codes."""
    return tuple(sorted(path.stem for path in LOCALES.glob("*.po")))


@cache
def language_name(code: str) -> str:
    """What a language calls itself ("Deutsch"); a code that is none stays as it is."""
    try:
        locale = Locale.parse(code.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return code
    return str(locale.get_display_name(locale) or code)


class Texts:
    """Says everything in one language and one zone; `locale` as platforms name it ("en-US", "de").

    An unknown locale is English. A zone that is not known any more is UTC. Bare "en" writes dates the way most of the
    world reads them ("3 Aug", 14:05); "en-US" as its readers do. `whole`: commands are named as they can be typed
    where short ones may be missing or have other names: "/folkmoot privacy show" for "/privacy show".
    """

    def __init__(self, locale: str, zone: str = "UTC", *, whole: bool = False) -> None:
        self._given = locale
        self._whole = whole
        self._locale = _locale_of(locale)
        self._name = str(self._locale)
        self.language = self._locale.language
        self._catalogue = catalogue(self.language)
        self._zone = _zone_of(zone)

    @property
    def locale(self) -> str:
        """The locale as HTML names it, such as "en-GB"."""
        return str(self._locale).replace("_", "-")

    @property
    def zone(self) -> str:
        """The IANA name of the zone."""
        return str(self._zone)

    def on(self, platform: Platform) -> "Texts":
        """The same texts for people who read them on this platform."""
        return texts_for(self._given, self.zone, whole=True) if platform is Platform.SLACK else self

    def at(self, zone: str) -> "Texts":
        """The same in another zone."""
        return texts_for(self._given, zone, whole=self._whole)

    def command(self, name: str) -> str:
        """How a command of the table is typed: "/privacy show"."""
        return self._typed(f"/{name}")

    def _typed(self, text: str) -> str:
        """A text of ours, with commands as they can be typed."""
        return _COMMAND.sub(_whole, text) if self._whole else text

    def say(self, text: str, /, **values: object) -> str:
        """Say an English text, with its {names} filled in."""
        return self._typed(self._catalogue.one(text)).format(**values)

    def count(self, one: str, many: str, n: int, /, **values: object) -> str:
        """Say how many: `one` or `many` by what `n` asks for in the language; {n} is written by `number`."""
        return self._typed(self._catalogue.of(one, many, n)).format(n=self.number(n), **values)

    def quoted(self, words: str) -> str:
        """Somebody's words, or a name, between the quotation marks of the language."""
        return self.say("“{words}”", words=words)

    def number(self, n: int) -> str:
        """Exact to 999, then shortened and never rounded up: 1.2k, 12k, 999k, 1.2M."""
        if n < THOUSAND:
            return str(n)
        unit, sign = (THOUSAND, "k") if n < MILLION else (MILLION, "M")
        whole, tenth = divmod(n * 10 // unit, 10)
        value = whole if whole >= TENS or not tenth else whole + tenth / 10
        return str(format_decimal(value, "#,##0.#", locale=self._locale)) + sign

    def exact(self, n: int) -> str:
        """All digits, grouped as the locale does: 12,345."""
        return str(format_decimal(n, locale=self._locale))

    def decimal(self, value: float, digits: int = 2) -> str:
        """A number with at most so many digits behind the point."""
        return str(format_decimal(value, "#,##0." + "#" * digits, locale=self._locale))

    def ago(self, moment: datetime, now: datetime) -> str:
        """How long ago, short: "just now", "5m ago", "2h ago", "3d ago", from seven days on the date."""
        past = now - moment
        if past < MINUTE:
            return self.say("just now")
        if past < HOUR:
            return self.say("{n}m ago", n=past // MINUTE)
        if past < DAY:
            return self.say("{n}h ago", n=past // HOUR)
        return self.count("{n}d ago", "{n}d ago", past // DAY) if past < WEEK else self.day(moment, now)

    def ago_spoken(self, moment: datetime, now: datetime) -> str:
        """How long ago, in whole words, for screen readers: "2 hours ago"; from seven days on the date."""
        past = now - moment
        if past < MINUTE:
            return self.say("just now")
        if past >= WEEK:
            return self.day(moment, now)
        unit = next(unit for unit in (DAY, HOUR, MINUTE) if past >= unit)
        whole = past // unit * unit  # truncated first, because babel rounds 1 h 40 min up to 2 h
        return format_timedelta(-whole, threshold=1, add_direction=True, locale=self._locale)

    def lasting(self, length: timedelta) -> str:
        """A length of time in its two largest units: "8 h 30 min"."""
        total = max(length // MINUTE, 0)
        days, hours, minutes = total // 1440, total // 60 % 24, total % 60
        parts = (
            (days, self.say("{n} d", n=days)),
            (hours, self.say("{n} h", n=hours)),
            (minutes, self.say("{n} min", n=minutes)),
        )
        said = [text for n, text in parts if n]
        return " ".join(said[:2]) or self.say("{n} min", n=0)

    def date(self, moment: datetime) -> str:
        """The day in the zone: "3 Aug 2026"."""
        return _day("yMMMd", self._there(moment).date(), self._name)

    def day(self, moment: datetime, now: datetime) -> str:
        """The day in the zone; the year only if it is not this one."""
        return self._near(self._there(moment), now)

    def _near(self, there: datetime, now: datetime) -> str:
        return _day("MMMd" if there.year == _year(now, self._zone) else "yMMMd", there.date(), self._name)

    def time(self, moment: datetime) -> str:
        """The time of day in the zone: "14:05"."""
        there = self._there(moment)
        return _time(there.hour, there.minute, self._name)

    def moment(self, moment: datetime) -> str:
        """Day and time in the zone: "3 Aug 2026, 14:05"."""
        return self._exact(self._there(moment))

    def _exact(self, there: datetime) -> str:
        return f"{_day('yMMMd', there.date(), self._name)}, {_time(there.hour, there.minute, self._name)}"

    def times(self, moment: datetime, now: datetime) -> tuple[str, str]:
        """What `moment` and `ago` say: a page says both of hundreds of messages."""
        there = self._there(moment)
        return self._exact(there), self.ago(moment, now) if now - moment < WEEK else self._near(there, now)

    def weekday(self, moment: datetime) -> str:
        """The name of the day in the zone: "Monday"."""
        return format_date(self._there(moment), "EEEE", locale=self._locale)

    def span(self, start: datetime, end: datetime) -> str:
        """The days that [start, end) touches in the zone: "3–9 Aug"; with years only if they differ."""
        first = self._there(start)
        last = max(self._there(end - timedelta(microseconds=1)), first)
        if first.date() == last.date():
            return format_skeleton("MMMd", first, locale=self._locale)
        skeleton = "MMMd" if first.year == last.year else "yMMMd"
        return format_interval(first.date(), last.date(), skeleton, locale=self._locale)

    def _there(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone)


@lru_cache(maxsize=64)
def _year(now: datetime, zone: ZoneInfo) -> int:
    """The year there; a page asks it of one moment for each of its messages."""
    return now.astimezone(zone).year


@lru_cache(maxsize=2000)
def _day(skeleton: str, day: date, locale: str) -> str:
    """A day in words. Cached, because a page names few days many times and babel is slow."""
    return format_skeleton(skeleton, datetime.combine(day, time()), locale=locale)


@lru_cache(maxsize=3000)
def _time(hour: int, minute: int, locale: str) -> str:
    """A time of day; cached for the same reason."""
    return format_time(time(hour, minute), "short", locale=locale)


def _locale_of(name: str) -> Locale:
    try:
        locale = Locale.parse(name.strip().replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        locale = Locale("en")
    if locale.language not in languages():
        locale = Locale("en")
    return locale if str(locale) != "en" else Locale("en", "GB")


def _zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _whole(found: re.Match[str]) -> str:
    return f"/{MAIN} {'admin' if found[1] == ADMIN else found[1]}"


@lru_cache(maxsize=256)
def texts_for(locale: str, zone: str = "UTC", *, whole: bool = False) -> Texts:
    """The texts of a locale and zone; the same object every time."""
    return Texts(locale, zone, whole=whole)
