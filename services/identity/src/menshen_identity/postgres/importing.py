"""The cardholder import: what is staged, what is checked, and how a batch of rows is published."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Any

from asyncpg import Record
from menshen_servicekit.feeds import Touch
from menshen_servicekit.imports import ImportOrder, ImportPlan, Step
from menshen_servicekit.postgres import Connection
from menshen_servicekit.queries import load_queries
from menshen_servicekit.sheets import Row, RowFault

from menshen_identity.domain.credentials import LIFE_CYCLE, LIVE, REVOKED, CredentialState
from menshen_identity.domain.import_rows import FACT_SOURCE, OPTIONAL, REQUIRED, ImportRow, RowRules
from menshen_identity.postgres.change import CHANNEL

BATCH_ROWS = 1_000

_Q = load_queries("menshen_identity.postgres", "imports.sql")
_LIVE = sorted(int(state) for state in LIVE)
_STEPS = [(int(before), int(after)) for before, states in LIFE_CYCLE.items() for after in states]
_STAGED = (
    "given_id", "new_id", "new_credential_id", "site", "sites", "category", "groups", "name", "organisation",
    "photo_ref", "external_ref", "card", "card_state", "valid_from_ms", "valid_to_ms", "fact_types", "fact_values",
    "at_ms",
)  # fmt: skip

_CONTRADICTIONS = {
    "REPEATED_REFERENCE": ("external_ref", "文件中不重复的编号", "a reference that no earlier line has"),
    "REPEATED_CARD": ("card", "文件中不重复的卡号", "a card that no earlier line has"),
    "REPEATED_ID": ("cardholder_id", "文件中不重复的编号", "an id that no earlier line has"),
    "ORGANISATION_UNKNOWN": (
        "organisation",
        "该校区已登记单位的编号",
        "the id or external_ref of an organisation of the site",
    ),
    "ID_TAKEN": ("cardholder_id", "未被他人占用的编号", "an id that no other cardholder has"),
    "ID_DIFFERS": ("cardholder_id", "此人已登记的编号", "the id this cardholder already has"),
    "FOREIGN_HOME": ("external_ref", "本校区的人员", "a cardholder at home at your site"),
    "CARD_HELD": ("card", "未被他人持有的卡", "a card that no other cardholder holds"),
    "CARD_SUCCEEDED": (
        "card",
        "未被接替的卡(此卡的接替凭证已使用)",
        "a card that nothing has replaced; the successor of this one has been used",
    ),
    "STATE_STEP": ("card_state", "当前状态允许的下一状态", "a state that may follow the card's present one"),
}


def cardholder_import(known_sites: frozenset[str], zone: tzinfo, new_id: Callable[[], str]) -> ImportPlan:
    """The plan for files of cardholders. `new_id` makes UUIDs; `zone` is that of dates in the file."""

    def parse(row: Row, order: ImportOrder) -> tuple[Any, ...] | list[RowFault]:
        rules = RowRules(order.site, order.bound_site, known_sites, zone, order.at_ms)
        found = rules.read(row.values)
        if isinstance(found, ImportRow):
            return _staged(row, found, order, new_id)
        return [RowFault(row.line, fault.field, fault.expected_zh, fault.expected_en) for fault in found]

    return ImportPlan(
        channel=CHANNEL,
        required=REQUIRED,
        optional=OPTIONAL,
        staged_columns=_STAGED,
        published_tables=("cardholders", "credentials", "credential_identifiers", "facts", "feed_entries"),
        parse=parse,
        check=_check,
        publish=_publish,
    )


def _staged(row: Row, found: ImportRow, order: ImportOrder, new_id: Callable[[], str]) -> tuple[Any, ...]:
    """The values of _STAGED; None for a column that the file does not have."""
    cardholder, has = found.cardholder, row.values.__contains__
    return (
        cardholder.cardholder_id,
        cardholder.cardholder_id or f"c:{new_id()}",
        new_id() if found.card else "",
        cardholder.site,
        cardholder.sites if has("sites") else None,
        cardholder.category,
        cardholder.groups if has("groups") else None,
        cardholder.name,
        cardholder.organisation_id if has("organisation") else None,
        cardholder.photo_ref if has("photo_ref") else None,
        cardholder.external_ref,
        found.card,
        int(found.card_state) if row.values.get("card_state") else None,
        found.valid_from_ms if has("valid_from") else None,
        found.valid_to_ms if has("valid_to") else None,
        [fact.type for fact in found.facts],
        [fact.value for fact in found.facts],
        order.at_ms,
    )


async def _check(connection: Connection, import_id: str, order: ImportOrder) -> Sequence[RowFault]:
    found = await connection.fetch(
        _Q.check_staged,
        import_id,
        order.bound_site,
        _LIVE,
        [before for before, _ in _STEPS],
        [after for _, after in _STEPS],
    )
    return [RowFault(row["line"], *_CONTRADICTIONS[row["code"]]) for row in found]


async def _publish(connection: Connection, import_id: str, after_line: int) -> Step | None:
    last_line = await connection.fetchval(_Q.last_line, import_id, after_line, BATCH_ROWS)
    if last_line is None:
        return None
    batch = (import_id, after_line, last_line)
    await connection.execute(_Q.lock_cardholders, await _column(connection, _Q.batch_cardholders, *batch))
    await connection.execute(_Q.resolve_batch, *batch, _LIVE)
    changed = await _column(connection, _Q.change_cardholders, *batch)
    created = await connection.fetch(_Q.create_cardholders, *batch)
    revoked, held = await _publish_cards(connection, batch)
    facts = await _column(connection, _Q.report_facts, *batch, FACT_SOURCE)
    raised = {*changed, *held, *facts} - {row["cardholder_id"] for row in created}
    others = await connection.fetch(_Q.raise_versions, sorted(raised))
    touches = [
        Touch(row["cardholder_id"], tuple(row["sites"]), row["cardholder_id"] in revoked) for row in (*others, *created)
    ]
    touches.sort(key=lambda touch: not touch.is_urgent)
    return Step(last_line, len(created), len(raised), touches)


async def _publish_cards(connection: Connection, batch: tuple[str, int, int]) -> tuple[set[str], set[str]]:
    """Whose cards were revoked, and whose changed in any way."""
    active = int(CredentialState.ACTIVE)
    replaced = await connection.fetch(_Q.replace_cards, *batch, _LIVE, int(CredentialState.REPLACED))
    await connection.execute(_Q.free_identifiers, [row["credential_id"] for row in replaced])
    former = await _column(connection, _Q.supersede_cards, *batch)
    moved = await connection.fetch(_Q.change_credentials, *batch)
    await connection.execute(_Q.free_identifiers, [row["credential_id"] for row in moved if row["state"] not in LIVE])
    issued = await _column(connection, _Q.issue_cards, *batch, active)
    await connection.execute(_Q.issue_identifiers, *batch, active, _LIVE)
    revoked = {row["cardholder_id"] for row in (*replaced, *(row for row in moved if row["state"] in REVOKED))}
    return revoked, {*revoked, *former, *(row["cardholder_id"] for row in moved), *issued}


def _touch(row: Record, revoked: set[str]) -> Touch:
    return Touch(row["cardholder_id"], tuple(row["sites"]), row["cardholder_id"] in revoked)


async def _column(connection: Connection, statement: str, *arguments: Any) -> list[str]:
    return [row["cardholder_id"] for row in await connection.fetch(statement, *arguments)]
