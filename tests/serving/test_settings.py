"""The server's settings: read from the environment, checked, and documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from unframe.errors import SettingsError
from unframe.settings import SERVER_PREFIX, ServerSettings, table

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_every_kind_of_setting_is_read_from_the_environment() -> None:
    given = {"HOST": "0.0.0.0", "PORT": "9000", "BODY_SECONDS": "2.5", "PAGE": "off", "FETCH": "YES", "QUEUE": " "}
    found = ServerSettings.from_env({SERVER_PREFIX + name: value for name, value in given.items()})
    assert (found.host, found.port, found.body_seconds, found.page, found.fetch) == ("0.0.0.0", 9000, 2.5, False, True)
    assert found.queue == ServerSettings().queue
    assert ServerSettings.from_env({}) == ServerSettings()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "http", "UNFRAME_SERVE_PORT is 'http'; it must be a whole number"),
        ("PORT", "70000", "port is 70000; it must be at most 65535"),
        ("BODY_SECONDS", "soon", "must be a number of seconds"),
        ("BODY_SECONDS", "nan", "body_seconds is nan; it must be a number of seconds"),
        ("PAGE", "perhaps", "must be on or off"),
        ("WORKERS", "0", "must be at least 1"),
        ("QUEUE", "8", "max_pictures is 32; it must be at most the queue of 8"),
    ],
)
def test_a_value_that_is_none_is_a_message(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError) as error:
        ServerSettings.from_env({SERVER_PREFIX + name: value})
    assert message in str(error.value)


def test_every_setting_is_documented() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert not [row.name for row in table(ServerSettings) if f"`{SERVER_PREFIX}{row.name.upper()}`" not in page]


def test_the_server_listens_to_this_machine_alone_and_fetches_nothing_unless_told_to() -> None:
    assert ServerSettings().host == "127.0.0.1"
    assert ServerSettings().fetch is False
