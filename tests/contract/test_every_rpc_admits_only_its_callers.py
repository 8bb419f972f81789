"""Who may call what, written down a second time and asked of the running processes, for every RPC they serve."""

import asyncio

import grpc
import pytest
from harness.callers import IDENTITIES, NAMELESS, SITE, STRANGERS
from harness.processes import PROCESS_NAMES, RunningProcesses
from harness.rpcs import REFLECTION, Rpc, ask, ask_all

SILENCE_S = 2.0
"""A stream that is admitted may stay silent this long; a refusal takes milliseconds."""

OPERATORS = frozenset({"operator of all sites", "operator of the site"})
STAFF = OPERATORS | {"guard of the site"}
AGENT = frozenset({"agent of the site"})
ACCESS, SAFETY = frozenset({"service access"}), frozenset({"service safety"})

_ALLOWED: dict[str, dict[str, frozenset[str]]] = {
    "identity.v1.IdentityService": {
        **dict.fromkeys(("PutOrganisation", "ListOrganisations", "CreateCardholder", "UpdateCardholder"), OPERATORS),
        **dict.fromkeys(("ListCardholders", "IssueCredential", "ChangeCredentialState", "FindCredential"), OPERATORS),
        **dict.fromkeys(("SetPin", "ReportFact", "AddListEntry", "EndListEntry", "ImportCardholders"), OPERATORS),
        **dict.fromkeys(("CreateVisit", "CancelVisit", "ListVisits"), OPERATORS),
        "GetCardholder": STAFF,
        "WatchSubjects": ACCESS,
    },
    "vehicles.v1.VehicleService": {
        **dict.fromkeys(("PutVehicle", "ListVehicles", "GrantPermit", "ChangePermitState"), OPERATORS),
        **dict.fromkeys(("BindTag", "ReleaseTag", "ReportTagLost", "ImportVehicles"), OPERATORS),
        "GetVehicle": STAFF,
        "WatchVehicles": ACCESS,
    },
    "safety.v1.AlarmService": {
        "RaiseAlarm": OPERATORS | AGENT | ACCESS,
        **dict.fromkeys(("AcknowledgeAlarm", "AssignAlarm", "CloseAlarm", "ListAlarms", "WatchAlarms"), STAFF),
    },
    "safety.v1.ReleaseService": {
        **dict.fromkeys(("PutZone", "ResetRelease"), OPERATORS),
        **dict.fromkeys(("ListZones", "RaiseRelease", "ListReleaseDoors"), STAFF),
        "HoldZones": AGENT,
    },
    "access.v1.AccessService": {
        **dict.fromkeys(("Authorize", "UploadEvents", "SyncEdge"), AGENT),
        "Decide": AGENT | OPERATORS,
    },
    "access.v1.AdministrationService": {
        **dict.fromkeys(("PutPlan", "AssignAccessLevel", "RevokeAccessLevel", "ListAssignments"), OPERATORS),
        **dict.fromkeys(("ValidatePolicy", "ActivatePolicy", "ListPolicies", "GetProjection"), OPERATORS),
        **dict.fromkeys(("GetPlan", "RaiseHold", "ListHolds", "GetOccupancy"), STAFF | SAFETY),
        **dict.fromkeys(("ReleaseHold", "ForgivePresence"), OPERATORS | SAFETY),
    },
    "access.v1.EventService": {
        **dict.fromkeys(("ListEvents", "ExplainEvent", "VerifyChain"), OPERATORS),
        "WatchEvents": OPERATORS | SAFETY,
    },
    "access.v1.ReviewService": {
        **dict.fromkeys(("ListReviews", "WatchReviews", "TakeReview", "ResolveReview"), STAFF),
    },
    "device.v1.DeviceService": {
        **dict.fromkeys(("GetStatus", "WatchDoors", "WatchLanes", "OperateDoor"), STAFF),
        "ResetRelease": OPERATORS,
    },
}
ALLOWED = {
    f"/menshen.{service}/{method}": callers
    for service, methods in _ALLOWED.items()
    for method, callers in methods.items()
}
# An entry of no site in particular is one for all sites: only an operator of all sites may make it.
NARROWED = {"/menshen.identity.v1.IdentityService/AddListEntry": {"entry": {"scope_site": SITE}}}

Verdicts = dict[tuple[str, str], str]


def verdict(code: grpc.StatusCode) -> str:
    if code in {grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED}:
        return code.name
    return f"admitted: {code.name}"


async def verdicts(processes: RunningProcesses, process: str, caller: str, rpcs: list[Rpc]) -> Verdicts:
    """What each RPC says to a caller who names the site and nothing else."""
    calls = [(rpc, rpc.request(site=SITE, **NARROWED.get(rpc.path, {}))) for rpc in rpcs]
    answers = await ask_all(processes.channel(process, caller), calls, SILENCE_S)
    return {(rpc.path, caller): verdict(answer.code) for rpc, answer in zip(rpcs, answers, strict=True)}


def expected(rpc: Rpc, caller: str) -> str:
    if caller == NAMELESS:
        return "UNAUTHENTICATED"
    return "admitted" if caller in ALLOWED[rpc.path] else "PERMISSION_DENIED"


@pytest.mark.parametrize("process", PROCESS_NAMES)
async def test_every_rpc_admits_its_callers_and_no_others(processes: RunningProcesses, process: str) -> None:
    rpcs = await processes.rpcs(process)
    assert {rpc.path for rpc in rpcs} - set(ALLOWED) == set()

    callers = (*IDENTITIES, NAMELESS)
    found = await asyncio.gather(*(verdicts(processes, process, caller, rpcs) for caller in callers))

    wanted = {(rpc.path, caller): expected(rpc, caller) for rpc in rpcs for caller in callers}
    wrong = {key: said for part in found for key, said in part.items() if not said.startswith(wanted[key])}
    assert wrong == {}


@pytest.mark.parametrize("process", PROCESS_NAMES)
async def test_nobody_without_a_valid_certificate_reaches_any_rpc(processes: RunningProcesses, process: str) -> None:
    rpcs = await processes.rpcs(process)
    served_before = await calls_served(processes, process)

    for stranger in STRANGERS:
        answers = await ask_all(
            processes.channel(process, stranger), [(rpc, rpc.request(site=SITE)) for rpc in rpcs], SILENCE_S
        )
        refused = {rpc.path: answer.code for rpc, answer in zip(rpcs, answers, strict=True)}
        assert refused == dict.fromkeys(refused, grpc.StatusCode.UNAVAILABLE), stranger

    assert await calls_served(processes, process) == served_before


async def calls_served(processes: RunningProcesses, process: str) -> dict[str, float]:
    """Finished calls by method, of methods that are not called by other processes all the time."""
    return {
        dict(labels)["method"]: value
        for (name, labels), value in (await processes.metrics(process)).items()
        if name == "menshen_rpc_total" and "List" in dict(labels)["method"]
    }


@pytest.mark.parametrize("process", PROCESS_NAMES)
async def test_every_identified_caller_may_read_the_contract(processes: RunningProcesses, process: str) -> None:
    method = f"/{REFLECTION}/ServerReflectionInfo"

    codes = {
        caller: (await ask(processes.channel(process, caller), method, b"\x3a\x01*")).code for caller in IDENTITIES
    }
    nameless = await ask(processes.channel(process, NAMELESS), method, b"\x3a\x01*")

    assert codes == dict.fromkeys(IDENTITIES, grpc.StatusCode.OK)
    assert nameless.code is grpc.StatusCode.UNAUTHENTICATED


async def test_the_table_names_no_rpc_that_nobody_serves(processes: RunningProcesses) -> None:
    served = {rpc.path for process in PROCESS_NAMES for rpc in await processes.rpcs(process)}

    assert set(ALLOWED) - served == set()
