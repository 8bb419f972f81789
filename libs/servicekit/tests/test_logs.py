"""Logs: JSON lines that hold no person, number or exception text."""

import json
import logging
from typing import Any

import pytest
from menshen_servicekit.logs import FORBIDDEN_WORDS, WITHHELD, get_logger, is_forbidden


def lines(stream: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_its_process_level_and_time(kit_log: Any) -> None:
    get_logger(__name__).info("door_opened", door="d-1")

    (line,) = lines(kit_log)
    assert (line["event"], line["door"], line["process"], line["level"]) == ("door_opened", "d-1", "test", "info")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("field", [*sorted(FORBIDDEN_WORDS), "holder_name", "cardNumber", "api-key", "PHONE"])
def test_a_field_named_after_a_secret_or_a_person_is_withheld(kit_log: Any, field: str) -> None:
    get_logger(__name__).info("seen", **{field: "04A1B2C3D4"})

    assert lines(kit_log)[0][field] == WITHHELD


def test_what_is_nested_is_withheld_too(kit_log: Any) -> None:
    get_logger(__name__).info("seen", request={"site": "north", "inner": {"card": "04A1", "items": [{"pin": "1234"}]}})

    assert lines(kit_log)[0]["request"] == {
        "site": "north",
        "inner": {"card": WITHHELD, "items": [{"pin": WITHHELD}]},
    }


@pytest.mark.parametrize("field", ["site", "door", "monkey", "discard", "opinion", "pinned", "tokens_left_ms"])
def test_harmless_fields_that_merely_contain_the_letters_pass(field: str) -> None:
    assert not is_forbidden(field)


def test_an_exception_is_logged_by_type_and_place_alone(kit_log: Any) -> None:
    try:
        int("13900001111x")
    except ValueError:
        get_logger(__name__).exception("parse_failed")
        logging.getLogger("library").exception("failed")

    assert "13900001111" not in kit_log.getvalue()
    for line in lines(kit_log):
        assert line["fault"] == "ValueError"
        assert "test_an_exception_is_logged" in line["frames"][-1]


def test_the_standard_librarys_logging_comes_out_the_same_way(kit_log: Any) -> None:
    logging.getLogger("asyncio").warning("slow %s", "callback")

    assert lines(kit_log)[0]["event"] == "slow callback"
    assert lines(kit_log)[0]["process"] == "test"
