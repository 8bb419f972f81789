"""The vehicle import: what is staged, what is checked, and how a batch of rows is published."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Any

from menshen_servicekit.feeds import Touch
from menshen_servicekit.imports import ImportOrder, ImportPlan, Step
from menshen_servicekit.postgres import Connection
from menshen_servicekit.queries import load_queries
from menshen_servicekit.sheets import Row, RowFault

from menshen_vehicles.domain.import_rows import OPTIONAL, REQUIRED, ImportRow, RowRules
from menshen_vehicles.domain.visits import VISIT_KEPT_MS
from menshen_vehicles.postgres.change import CHANNEL

BATCH_ROWS = 1_000

_Q = load_queries("menshen_vehicles.postgres", "imports.sql")
_STAGED = (
    "given_id", "new_id", "new_permit_id", "new_binding_id", "site", "sites", "vehicle_class", "plate", "owner_id",
    "owner_category", "external_ref", "epc", "tid", "has_permit", "permit_from_ms", "permit_to_ms", "actor", "at_ms",
)  # fmt: skip

_CONTRADICTIONS = {
    "REPEATED_REFERENCE": ("external_ref", "文件中不重复的编号", "a reference that no earlier line has"),
    "REPEATED_PLATE": (
        "plate",
        "文件中不重复的号牌(O 同 0,I 同 1)",
        "a plate no earlier line has, O taken for 0 and I for 1",
    ),
    "REPEATED_TAG": ("epc", "文件中不重复的电子标签", "a tag that no earlier line has"),
    "REPEATED_ID": ("vehicle_id", "文件中不重复的编号", "an id that no earlier line has"),
    "ID_TAKEN": ("vehicle_id", "未被其他车辆占用的编号", "an id that no other vehicle has"),
    "ID_DIFFERS": ("vehicle_id", "此车辆已登记的编号", "the id this vehicle already has"),
    "FOREIGN_HOME": ("external_ref", "本校区的车辆", "a vehicle at home at your site"),
    "PLATE_TAKEN": (
        "plate",
        "未被其他车辆占用的号牌(O 同 0,I 同 1)",
        "a plate no other vehicle has, O taken for 0 and I for 1",
    ),
    "TAG_BOUND": ("epc", "未绑定其他车辆的电子标签", "a tag that is not bound to another vehicle"),
}


def vehicle_import(known_sites: frozenset[str], zone: tzinfo, new_id: Callable[[], str]) -> ImportPlan:
    """The plan for files of vehicles. `new_id` makes UUIDs; `zone` is that of dates in the file."""

    def parse(row: Row, order: ImportOrder) -> tuple[Any, ...] | list[RowFault]:
        found = RowRules(order.site, order.bound_site, known_sites, zone).read(row.values)
        if isinstance(found, ImportRow):
            return _staged(row, found, order, new_id)
        return [RowFault(row.line, fault.field, fault.expected_zh, fault.expected_en) for fault in found]

    return ImportPlan(
        channel=CHANNEL,
        required=REQUIRED,
        optional=OPTIONAL,
        staged_columns=_STAGED,
        published_tables=("vehicles", "permits", "tag_bindings", "feed_entries"),
        parse=parse,
        check=_check,
        publish=_publish,
    )


def _staged(row: Row, found: ImportRow, order: ImportOrder, new_id: Callable[[], str]) -> tuple[Any, ...]:
    """The values of _STAGED; None for a column that the file does not have."""
    vehicle, has = found.vehicle, row.values.__contains__
    return (
        vehicle.vehicle_id,
        vehicle.vehicle_id or f"v:{new_id()}",
        new_id() if found.has_permit else "",
        new_id() if found.epc else "",
        vehicle.site,
        vehicle.sites if has("sites") else None,
        int(vehicle.vehicle_class),
        vehicle.plate if has("plate") else None,
        vehicle.owner_id if has("owner_id") else None,
        vehicle.owner_category if has("owner_category") else None,
        vehicle.external_ref,
        found.epc,
        found.tid,
        found.has_permit,
        found.permit_from_ms,
        found.permit_to_ms,
        order.actor,
        order.at_ms,
    )


async def _check(connection: Connection, import_id: str, order: ImportOrder) -> Sequence[RowFault]:
    found = await connection.fetch(_Q.check_staged, import_id, order.bound_site)
    return [RowFault(row["line"], *_CONTRADICTIONS[row["code"]]) for row in found]


async def _publish(connection: Connection, import_id: str, after_line: int) -> Step | None:
    last_line = await connection.fetchval(_Q.last_line, import_id, after_line, BATCH_ROWS)
    if last_line is None:
        return None
    batch = (import_id, after_line, last_line)
    await connection.execute(_Q.lock_vehicles, await _column(connection, _Q.batch_vehicles, *batch))
    await connection.execute(_Q.resolve_batch, *batch)
    raised = set(await _column(connection, _Q.change_vehicles, *batch))
    created = await connection.fetch(_Q.create_vehicles, *batch)
    for statement in (_Q.change_permits, _Q.grant_permits, _Q.learn_tids, _Q.bind_tags):
        raised.update(await _column(connection, statement, *batch))
    raised -= {row["vehicle_id"] for row in created}
    others = await connection.fetch(_Q.raise_versions, sorted(raised), await _visits_after(connection, import_id))
    touches = [Touch(row["vehicle_id"], tuple(set(row["sites"]))) for row in (*others, *created)]
    return Step(last_line, len(created), len(raised), touches)


async def _visits_after(connection: Connection, import_id: str) -> int:
    at_ms: int = await connection.fetchval(_Q.begun_at, import_id)
    return at_ms - VISIT_KEPT_MS


async def _column(connection: Connection, statement: str, *arguments: Any) -> list[str]:
    return [row["vehicle_id"] for row in await connection.fetch(statement, *arguments)]
