"""The operator's settings: the only module that reads the environment and `.env`."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from dotenv.parser import parse_stream
from pydantic import SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import ConfigError
from bot.sharding import Shards, shards_of
from bot.urls import LOOPBACK

PORTS = 65_535  # the highest port
OURS = ("discord_", "slack_", "web_")  # prefixes that nobody but us would use in our file
ADDRESSES = {"discord_api_url": "https://discord.com/api/v10", "slack_api_url": "https://slack.com/api/"}
# What tokens look like, and the setting that each belongs in.
TOKENS = (
    (re.compile(r"xoxb-.*"), "slack_bot_token"),
    (re.compile(r"xapp-.*"), "slack_app_token"),
    (re.compile(r"[MNO][\w-]{23,}\.[\w-]{6}\.[\w-]{27,}"), "discord_token"),
)


class Settings(BaseSettings):
    """What the operator decides; communities decide the rest by commands. An adapter runs if its token is there."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8-sig",  # some editors put a byte order mark before the first name
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    database_url: str = "sqlite:///data/folkmoot.db"
    discord_token: SecretStr | None = None
    discord_api_url: str | None = None
    discord_shards: str | None = None
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str | None = None
    web_host: str = "127.0.0.1"
    web_port: int = 8080
    web_public_url: str | None = None
    local_room: Literal["auto", "on", "off"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"

    @field_validator("*", mode="before")
    @classmethod
    def _no_stray_token(cls, value: object, info: ValidationInfo) -> object:
        """Refuse a token in the wrong setting: it would be used, shown or sent as something else."""
        for looks, belongs in TOKENS:
            if info.field_name != belongs and isinstance(value, str) and looks.fullmatch(value.strip()):
                raise ValueError(f"it holds a token that belongs in {belongs.upper()}")
        return value

    @field_validator("log_level", "log_format", "local_room", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("web_port", mode="before")
    @classmethod
    def _port(cls, value: object) -> object:
        digits = str(value).strip()
        if not (digits.isascii() and digits.isdigit() and int(digits[:6]) <= PORTS):
            raise ValueError(f"it must be a number from 0 to {PORTS}")
        return digits

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("it must begin with sqlite:/// or postgresql://")
        if value == "sqlite:///":
            raise ValueError("it must name a file, such as sqlite:///data/folkmoot.db")
        return value

    @field_validator("web_public_url", "discord_api_url", "slack_api_url")
    @classmethod
    def _web_address(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and not _is_web_address(value):
            example = ADDRESSES.get(info.field_name or "", "https://forum.example.org")
            raise ValueError(f"it must be a whole web address such as {example}")
        return value

    @field_validator("discord_shards")
    @classmethod
    def _parts(cls, value: str | None) -> str | None:
        return None if value is None else str(shards_of(value))

    @field_validator("slack_bot_token", "slack_app_token")
    @classmethod
    def _slack_token(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        begins = "xapp-" if info.field_name == "slack_app_token" else "xoxb-"
        if value is not None and not value.get_secret_value().startswith(begins):
            raise ValueError(f"it must begin with {begins}, as Slack shows it")
        return value

    def check_tokens(self) -> None:
        """Check that settings which belong together are all there. ConfigError names what is missing."""
        if self.shards is not None and self.discord_token is None:
            raise ConfigError(
                "DISCORD_SHARDS is set, but DISCORD_TOKEN is not; add it in .env, or take the shards out."
            )
        if self.shards is not None and self.shards.share < 1 and self.database_url.startswith("sqlite:"):
            raise ConfigError(
                "DISCORD_SHARDS leaves a part of Discord to other processes, and those cannot share a SQLite file well;"
                " name a PostgreSQL database in DATABASE_URL, or take the shards out."
            )
        ways = {"SLACK_APP_TOKEN": self.slack_app_token, "SLACK_SIGNING_SECRET": self.slack_signing_secret}
        given = [name for name, value in ways.items() if value is not None]
        if self.slack_bot_token is None and given:
            raise ConfigError(f"{given[0]} is set, but SLACK_BOT_TOKEN is not; Slack needs both, so add it in .env.")
        if self.slack_bot_token is not None and not given:
            raise ConfigError(
                "SLACK_BOT_TOKEN is set, but neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is;"
                " add one of them in .env, or Slack cannot tell what happens."
            )

    @property
    def shards(self) -> Shards | None:
        """The part of Discord that this process hears; None is all of it."""
        return None if self.discord_shards is None else shards_of(self.discord_shards)

    @property
    def loopback(self) -> bool:
        """Whether the forum can be reached from this machine only."""
        return self.web_host in LOOPBACK and self.web_public_url is None

    @property
    def room_open(self) -> bool:
        """Whether the local room is on (DESIGN section 6: auto opens it for a machine of one's own only)."""
        if self.local_room == "auto":
            return self.loopback and self.discord_token is None and self.slack_bot_token is None
        return self.local_room == "on"

    @property
    def forum_url(self) -> str:
        """Where people find the forum, without a slash at the end."""
        if self.web_public_url:
            return self.web_public_url.rstrip("/")
        host = f"[{self.web_host}]" if ":" in self.web_host else self.web_host
        return f"http://{host}:{self.web_port}"


def load(env_file: Path | None = Path(".env"), override: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; `override` (from the command line) wins over the environment, which wins over the file.

    ConfigError names the setting and what it must be, never its value.
    """
    if env_file is not None and env_file.exists():
        _check_file(env_file)
    try:
        return Settings(_env_file=env_file, **(override or {}))  # type: ignore[call-arg, arg-type]  # pydantic-settings takes it; strings, as the environment gives
    except ValidationError as error:
        raise ConfigError(_sentence(error)) from None


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # an unclosed bracket, a port that is no number
        return False


def _check_file(env_file: Path) -> None:
    """Check that every line of a settings file is a setting; any other would be ignored silently."""
    try:
        text = env_file.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"The settings file {env_file} cannot be read ({reason}); mend or remove it.") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"Line {line} of the settings file {env_file} is not UTF-8; save the file as UTF-8."
        ) from None
    for binding in parse_stream(StringIO(text)):
        skipped = len(binding.original.string) - len(binding.original.string.lstrip())
        line = binding.original.line + binding.original.string[:skipped].count("\n")
        if binding.error or (binding.key and binding.value is None):
            raise ConfigError(f"Line {line} of the settings file {env_file} is no setting; write NAME=value.")
        _check_name((binding.key or "").lower(), f"Line {line} of the settings file {env_file}")


def _check_name(name: str, where: str) -> None:
    """ConfigError for a misspelt name of ours; other programs may have their settings in the same file."""
    if not name or name in Settings.model_fields:
        return
    meant = get_close_matches(name, Settings.model_fields, 1, cutoff=0.8)
    if meant or name.startswith(OURS):
        advice = f"write {meant[0].upper()}" if meant else "take it out"
        raise ConfigError(f"{where} sets {name.upper()}, and there is no such setting; {advice}.")


def _sentence(error: ValidationError) -> str:
    """Say the first mistake in one sentence."""
    first = error.errors(include_input=False, include_url=False)[0]
    name = str(first["loc"][0]).upper()
    expected = first.get("ctx", {}).get("expected")
    if expected:
        return f"The setting {name} must be one of {expected}; mend it in .env or the environment."
    reason = first["msg"].removeprefix("Value error, ")
    return f"The setting {name} is wrong: {reason[0].lower()}{reason[1:]}; mend it in .env or the environment."
