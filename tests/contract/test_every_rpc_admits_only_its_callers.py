"""Who may call what, written down a second time and asked of the running processes, for every RPC they serve."""

import asyncio

import grpc
import pytest
from harness.callers import IDENTITIES, NAMELESS, SITE, STRANGERS
from harness.permissions import ALLOWED
from harness.processes import CALLED_NAMES, RunningProcesses
from harness.rpcs import REFLECTION, Rpc, ask, ask_all

SILENCE_S = 2.0
"""How long an RPC that should admit its caller is listened to: a stream may stay silent, a refusal comes at once."""
REFUSAL_S = 20.0

# An entry of no site in particular is one for all sites: only an operator of all sites may make it.
NARROWED = {"/menshen.identity.v1.IdentityService/AddListEntry": {"entry": {"scope_site": SITE}}}

Verdicts = dict[tuple[str, str], str]


def verdict(code: grpc.StatusCode) -> str:
    if code in {grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED}:
        return code.name
    return f"admitted: {code.name}"


async def verdicts(processes: RunningProcesses, process: str, caller: str, rpcs: list[Rpc]) -> Verdicts:
    """What each RPC says to a caller who names the site and nothing else."""
    channel = await processes.connected(process, caller)
    answers = await asyncio.gather(
        *(
            ask(
                channel,
                rpc,
                rpc.request(site=SITE, **NARROWED.get(rpc.path, {})),
                deadline_s=SILENCE_S if expected(rpc, caller) == "admitted" else REFUSAL_S,
            )
            for rpc in rpcs
        )
    )
    return {(rpc.path, caller): verdict(answer.code) for rpc, answer in zip(rpcs, answers, strict=True)}


def expected(rpc: Rpc, caller: str) -> str:
    if caller == NAMELESS:
        return "UNAUTHENTICATED"
    return "admitted" if caller in ALLOWED[rpc.path] else "PERMISSION_DENIED"


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_every_rpc_admits_its_callers_and_no_others(processes: RunningProcesses, process: str) -> None:
    rpcs = await processes.rpcs(process)
    assert {rpc.path for rpc in rpcs} - set(ALLOWED) == set()

    callers = (*IDENTITIES, NAMELESS)
    found = await asyncio.gather(*(verdicts(processes, process, caller, rpcs) for caller in callers))

    wanted = {(rpc.path, caller): expected(rpc, caller) for rpc in rpcs for caller in callers}
    wrong = {key: said for part in found for key, said in part.items() if not said.startswith(wanted[key])}
    assert wrong == {}


@pytest.mark.parametrize("process", CALLED_NAMES)
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


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_every_identified_caller_may_read_the_contract(processes: RunningProcesses, process: str) -> None:
    method = f"/{REFLECTION}/ServerReflectionInfo"

    codes = {
        caller: (await ask(processes.channel(process, caller), method, b"\x3a\x01*")).code for caller in IDENTITIES
    }
    nameless = await ask(processes.channel(process, NAMELESS), method, b"\x3a\x01*")

    assert codes == dict.fromkeys(IDENTITIES, grpc.StatusCode.OK)
    assert nameless.code is grpc.StatusCode.UNAUTHENTICATED


async def test_the_table_names_no_rpc_that_nobody_serves(processes: RunningProcesses) -> None:
    served = {rpc.path for process in CALLED_NAMES for rpc in await processes.rpcs(process)}

    assert set(ALLOWED) - served == set()
