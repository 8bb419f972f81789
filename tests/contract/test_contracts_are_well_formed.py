"""The protos themselves, and that running processes serve exactly what is written in them."""

import importlib
import re
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor, FileDescriptor, MethodDescriptor
from harness.processes import AGENT, CALLED_NAMES, RunningProcesses
from harness.rpcs import REFLECTION, Reflection
from menshen_rulebook.vocabulary import Outcome

PROTOS = Path(__file__).resolve().parents[2] / "protos"
PACKAGE_OF = {name: "device" if name == AGENT else name for name in CALLED_NAMES}


def files() -> list[FileDescriptor]:
    """The descriptor of every proto."""
    names = [path.relative_to(PROTOS).with_suffix("").as_posix() for path in sorted(PROTOS.glob("menshen/**/*.proto"))]
    return [importlib.import_module(f"{name.replace('/', '.')}_pb2").DESCRIPTOR for name in names]


FILES = files()
METHODS = [method for file in FILES for service in file.services_by_name.values() for method in service.methods]
ENUMS = [enum for file in FILES for enum in file.enum_types_by_name.values()]


def services_of(process: str) -> dict[str, FileDescriptor]:
    """The services a process must serve, and the files that describe them."""
    package = f"menshen.{PACKAGE_OF[process]}.v1"
    return {
        service.full_name: file
        for file in FILES
        if file.package == package
        for service in file.services_by_name.values()
    }


def described(file: FileDescriptor) -> descriptor_pb2.FileDescriptorProto:
    proto = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(proto)
    return proto


def test_the_contracts_were_found() -> None:
    assert {file.package for file in FILES} == {f"menshen.{package}.v1" for package in PACKAGE_OF.values()}
    assert len(METHODS) > 50


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_reflection_lists_the_services_of_the_protos_and_no_others(
    processes: RunningProcesses, process: str
) -> None:
    reflection = Reflection(processes.channel(process))

    assert await reflection.service_names() == sorted([*services_of(process), REFLECTION])


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_reflection_describes_the_services_as_the_protos_do(processes: RunningProcesses, process: str) -> None:
    reflection = Reflection(processes.channel(process))

    for service, file in services_of(process).items():
        told = {found.name: found for found in await reflection.files_of(service)}
        assert told[file.name] == described(file)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.full_name)
def test_every_rpc_has_a_request_and_a_response_of_its_own(method: MethodDescriptor) -> None:
    uses = [used for other in METHODS for used in (other.input_type, other.output_type)]

    assert (method.input_type.name, method.output_type.name) == (f"{method.name}Request", f"{method.name}Response")
    assert uses.count(method.input_type) == uses.count(method.output_type) == 1


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.full_name)
def test_every_request_names_its_site_first(method: MethodDescriptor) -> None:
    site = method.input_type.fields_by_name.get("site")

    assert site is not None
    assert (site.number, site.type, site.is_repeated) == (1, FieldDescriptor.TYPE_STRING, False)


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.full_name)
def test_every_enum_begins_at_unspecified(enum: EnumDescriptor) -> None:
    prefix = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", enum.name).upper()

    assert enum.values_by_number[0].name == f"{prefix}_UNSPECIFIED"
    assert all(value.name.startswith(f"{prefix}_") for value in enum.values)
    assert len(enum.values_by_number) == len(enum.values)


def test_entities_name_where_they_come_from_and_events_name_their_media() -> None:
    entities = {"Cardholder", "Organisation", "Credential", "Visit", "Vehicle", "Permit", "Zone"}
    events = {"AccessEvent", "AgentEvent", "Presentation"}
    messages = {name: message for file in FILES for name, message in file.message_types_by_name.items()}

    assert [name for name in sorted(entities) if "external_ref" not in messages[name].fields_by_name] == []
    assert [name for name in sorted(events) if "media_ref" not in messages[name].fields_by_name] == []


@pytest.mark.parametrize("number", [value.number for enum in ENUMS if enum.name == "Outcome" for value in enum.values])
def test_outcomes_have_the_numbers_of_the_rulebook(number: int) -> None:
    [outcomes] = [enum for enum in ENUMS if enum.name == "Outcome"]

    assert outcomes.values_by_number[number].name == f"OUTCOME_{Outcome(number).name}"


def test_kinds_of_identifier_have_the_same_numbers_everywhere() -> None:
    kinds = [{value.name: value.number for value in enum.values} for enum in ENUMS if enum.name == "IdentifierType"]

    assert len(kinds) == 2
    assert kinds[0] == kinds[1]
