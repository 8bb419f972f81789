"""Settings from the environment: all problems at once, nothing guessed."""

import enum
from pathlib import Path

import pytest
from menshen_servicekit.settings import (
    DatabaseSettings,
    Environment,
    LogLevel,
    ProcessSettings,
    SettingsError,
    describe,
    environment_of,
    read_secret,
    read_settings,
    setting,
    settings,
    unknown_variables,
)


class Mode(enum.Enum):
    FAST = "fast"
    SURE = "sure"


@settings
class Sample:
    title: str = setting("what to call it")
    count: int = setting("how many", default=3)
    share: float = setting("which part", default=0.5)
    loud: bool = setting("whether to shout", default=False)
    mode: Mode = setting("how", default=Mode.SURE)
    words: tuple[str, ...] = setting("which words", default=())
    folder: Path | None = setting("where", default=None)
    limit: int | None = setting("at most", default=None)
    password_file: Path | None = setting("file with the password", default=None)


def test_every_type_is_read_and_absent_ones_keep_their_default() -> None:
    environ = {
        "MENSHEN_TITLE": "gate",
        "MENSHEN_COUNT": "7",
        "MENSHEN_SHARE": "0.25",
        "MENSHEN_LOUD": "true",
        "MENSHEN_MODE": "fast",
        "MENSHEN_WORDS": "north, east",
        "MENSHEN_FOLDER": "/srv/x",
        "MENSHEN_LIMIT": "9",
    }

    found = read_settings(Sample, environ)

    assert found == Sample(
        title="gate",
        count=7,
        share=0.25,
        loud=True,
        mode=Mode.FAST,
        words=("north", "east"),
        folder=Path("/srv/x"),
        limit=9,
    )
    assert read_settings(Sample, {"MENSHEN_TITLE": "gate"}) == Sample(title="gate")


def test_every_problem_is_named_at_once_and_no_value_is_repeated() -> None:
    environ = {"MENSHEN_COUNT": "s3cret", "MENSHEN_LOUD": "yes", "MENSHEN_MODE": "slow", "MENSHEN_SHARE": "half"}

    with pytest.raises(SettingsError) as caught:
        read_settings(Sample, environ)

    assert caught.value.problems == (
        "MENSHEN_TITLE: missing, expected text",
        "MENSHEN_COUNT: expected a whole number",
        "MENSHEN_SHARE: expected a number",
        "MENSHEN_LOUD: expected true or false",
        "MENSHEN_MODE: expected fast or sure",
    )


def test_an_empty_variable_is_an_absent_one() -> None:
    with pytest.raises(SettingsError, match="MENSHEN_TITLE: missing"):
        read_settings(Sample, {"MENSHEN_TITLE": ""})


def test_variables_that_no_field_reads_are_listed() -> None:
    environ = {"MENSHEN_TITLE": "x", "MENSHEN_TILTE": "x", "PATH": "/bin"}

    assert unknown_variables(Sample, environ) == ("MENSHEN_TILTE",)


def test_a_description_has_one_documented_row_per_field() -> None:
    rows = {row.variable: row for row in describe(Sample)}

    assert len(rows) == 9
    assert (rows["MENSHEN_TITLE"].default, rows["MENSHEN_TITLE"].doc) == (None, "what to call it")
    assert (rows["MENSHEN_MODE"].type_name, rows["MENSHEN_MODE"].default) == ("fast or sure", "sure")
    assert [row.variable for row in rows.values() if row.is_secret] == ["MENSHEN_PASSWORD_FILE"]


def test_a_service_inherits_the_common_fields() -> None:
    @settings
    class Ours(ProcessSettings, DatabaseSettings):
        access_target: str = setting("where access answers")

    environ = {
        "MENSHEN_CERTIFICATE_FILE": "/tls/tls.crt",
        "MENSHEN_KEY_FILE": "/tls/tls.key",
        "MENSHEN_TRUST_FILE": "/tls/ca.crt",
        "MENSHEN_DATABASE_URL": "postgresql://identity@db/menshen",
        "MENSHEN_ACCESS_TARGET": "dns:///access:8443",
        "MENSHEN_LOG_LEVEL": "warning",
    }

    found = read_settings(Ours, environ)

    assert found.environment is Environment.PRODUCTION
    assert found.log_level is LogLevel.WARNING
    assert read_settings(Ours, environment_of(found)) == found


def test_a_value_of_settings_survives_the_way_through_an_environment() -> None:
    sample = Sample(title="a b", count=1, loud=True, mode=Mode.FAST, words=("x", "y"), folder=Path("/z"))

    assert read_settings(Sample, environment_of(sample)) == sample


def test_a_secret_is_the_text_of_its_file_without_the_line_end(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("p w\n")

    assert read_secret(secret) == "p w"


def test_an_empty_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\n")

    with pytest.raises(ValueError, match="is empty"):
        read_secret(tmp_path / "secret")
