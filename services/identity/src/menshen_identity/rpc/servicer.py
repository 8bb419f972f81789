"""menshen.identity.v1.IdentityService: each call in three lines, the work in the use cases."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from menshen.identity.v1 import identity_pb2 as pb
from menshen.identity.v1 import identity_pb2_grpc
from menshen_servicekit.authorization import require_site
from menshen_servicekit.identity import Caller, Role, caller_of

from menshen_identity.code_issuing import CodeIssuing
from menshen_identity.domain.credentials import CredentialState
from menshen_identity.domain.sources import FactSource
from menshen_identity.issuing import Issuing
from menshen_identity.listing import Listing
from menshen_identity.looking_up import LookingUp
from menshen_identity.pin_setting import PinSetting
from menshen_identity.registering import Registering
from menshen_identity.reporting import Reporting, SourceReporting
from menshen_identity.retiring import Retiring
from menshen_identity.rpc import convert
from menshen_identity.rpc.streams import Streams
from menshen_identity.visiting import Visiting


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """What the servicer calls."""

    registering: Registering
    issuing: Issuing
    codes: CodeIssuing
    retiring: Retiring
    pins: PinSetting
    reporting: Reporting
    sources: SourceReporting
    listing: Listing
    visiting: Visiting
    looking_up: LookingUp


class IdentityServicer(identity_pb2_grpc.IdentityServiceServicer):
    """Callers are authenticated, and held to their site, before anything here runs."""

    def __init__(self, cases: UseCases, streams: Streams) -> None:
        self._cases = cases
        self._streams = streams

    async def PutOrganisation(self, request: pb.PutOrganisationRequest, context: Any) -> pb.PutOrganisationResponse:
        organisation = convert.organisation_from(request.organisation)
        stored = await self._cases.registering.put_organisation(_actor(context), request.site, organisation)
        return pb.PutOrganisationResponse(organisation=convert.organisation_to(stored))

    async def ListOrganisations(
        self, request: pb.ListOrganisationsRequest, context: Any
    ) -> pb.ListOrganisationsResponse:
        found = await self._cases.looking_up.organisations(convert.site(request.site))
        return pb.ListOrganisationsResponse(organisations=map(convert.organisation_to, found))

    async def CreateCardholder(self, request: pb.CreateCardholderRequest, context: Any) -> pb.CreateCardholderResponse:
        cardholder = convert.cardholder_from(request.cardholder, request.site)
        stored = await self._cases.registering.create(_actor(context), request.site, cardholder)
        return pb.CreateCardholderResponse(cardholder=convert.cardholder_to(stored))

    async def UpdateCardholder(self, request: pb.UpdateCardholderRequest, context: Any) -> pb.UpdateCardholderResponse:
        cardholder = convert.cardholder_from(request.cardholder, request.site)
        stored = await self._cases.registering.update(_actor(context), request.site, cardholder)
        return pb.UpdateCardholderResponse(cardholder=convert.cardholder_to(stored))

    async def GetCardholder(self, request: pb.GetCardholderRequest, context: Any) -> pb.GetCardholderResponse:
        caller = _caller(context)
        found = await self._cases.looking_up.cardholder(
            caller.uri,
            convert.site(request.site),
            convert.key("cardholder_id", request.cardholder_id),
            is_operator=caller.role is Role.OPERATOR,
            purpose=request.purpose,
        )
        return pb.GetCardholderResponse(
            cardholder=convert.cardholder_to(found.cardholder),
            credentials=map(convert.credential_to, found.credentials),
            facts=map(convert.fact_to, found.facts),
            list_entries=map(convert.entry_to, found.entries),
        )

    async def ListCardholders(self, request: pb.ListCardholdersRequest, context: Any) -> pb.ListCardholdersResponse:
        page, token = await self._cases.looking_up.page(
            convert.site(request.site),
            convert.key("category", request.category, is_required=False),
            request.page_size,
            convert.key("page_token", request.page_token, is_required=False),
        )
        return pb.ListCardholdersResponse(cardholders=map(convert.cardholder_to, page), next_page_token=token)

    async def IssueCredential(self, request: pb.IssueCredentialRequest, context: Any) -> pb.IssueCredentialResponse:
        credential = convert.credential_from(request.credential)
        stored = await self._cases.issuing.issue(_actor(context), convert.site(request.site), credential)
        return pb.IssueCredentialResponse(credential=convert.credential_to(stored))

    async def IssueCode(self, request: pb.IssueCodeRequest, context: Any) -> pb.IssueCodeResponse:
        order = convert.code_order_from(request)
        stored = await self._cases.codes.issue(_actor(context), convert.site(request.site), order)
        return pb.IssueCodeResponse(credential=convert.credential_to(stored))

    async def RetireCredential(self, request: pb.RetireCredentialRequest, context: Any) -> pb.RetireCredentialResponse:
        retirement = await self._cases.retiring.retire(
            _actor(context),
            convert.site(request.site),
            convert.key("cardholder_id", request.cardholder_id),
            convert.key("credential_id", request.credential_id),
            convert.key("event_id", request.event_id),
        )
        return convert.retirement_to(retirement)

    async def ChangeCredentialState(
        self, request: pb.ChangeCredentialStateRequest, context: Any
    ) -> pb.ChangeCredentialStateResponse:
        stored = await self._cases.issuing.change_state(
            _actor(context),
            convert.site(request.site),
            convert.key("credential_id", request.credential_id),
            convert.member(CredentialState, request.state, "state"),
            request.reason,
        )
        return pb.ChangeCredentialStateResponse(credential=convert.credential_to(stored))

    async def FindCredential(self, request: pb.FindCredentialRequest, context: Any) -> pb.FindCredentialResponse:
        identifier = convert.identifier_from(request.identifier, "identifier")
        found = await self._cases.looking_up.credential(convert.site(request.site), identifier)
        return pb.FindCredentialResponse(credential=convert.credential_to(found))

    async def SetPin(self, request: pb.SetPinRequest, context: Any) -> pb.SetPinResponse:
        version = await self._cases.pins.set(
            _actor(context),
            convert.site(request.site),
            convert.key("cardholder_id", request.cardholder_id),
            request.pin,
            request.duress_pin,
        )
        return pb.SetPinResponse(version=version)

    async def ReportFact(self, request: pb.ReportFactRequest, context: Any) -> pb.ReportFactResponse:
        is_current = await self._cases.reporting.report(
            _actor(context),
            convert.site(request.site),
            convert.key("cardholder_id", request.cardholder_id),
            convert.fact_from(request.fact),
        )
        return pb.ReportFactResponse(current=is_current)

    async def ReportSource(self, request: pb.ReportSourceRequest, context: Any) -> pb.ReportSourceResponse:
        said = FactSource(request.source.source, request.source.complete_to_ms)
        kept = await self._cases.sources.complete(convert.site(request.site), said)
        return pb.ReportSourceResponse(source=convert.source_to(kept))

    async def AddListEntry(self, request: pb.AddListEntryRequest, context: Any) -> pb.AddListEntryResponse:
        """An operator of one site lists people for that site alone."""
        caller = _caller(context)
        require_site(caller, request.entry.scope_site)
        entry = convert.entry_from(request.entry, convert.key("cardholder_id", request.cardholder_id))
        stored = await self._cases.listing.add(caller.uri, convert.site(request.site), entry)
        return pb.AddListEntryResponse(entry=convert.entry_to(stored))

    async def EndListEntry(self, request: pb.EndListEntryRequest, context: Any) -> pb.EndListEntryResponse:
        caller = _caller(context)
        stored = await self._cases.listing.end(
            caller.uri,
            convert.site(request.site),
            caller.site,
            convert.key("entry_id", request.entry_id),
            request.reason,
        )
        return pb.EndListEntryResponse(entry=convert.entry_to(stored))

    async def CreateVisit(self, request: pb.CreateVisitRequest, context: Any) -> pb.CreateVisitResponse:
        visit, credential = await self._cases.visiting.book(
            _actor(context), convert.visit_from(request), request.visitor_name
        )
        return pb.CreateVisitResponse(visit=convert.visit_to(visit), credential=convert.credential_to(credential))

    async def CancelVisit(self, request: pb.CancelVisitRequest, context: Any) -> pb.CancelVisitResponse:
        stored = await self._cases.visiting.cancel(
            _actor(context),
            convert.site(request.site),
            convert.key("visit_id", request.visit_id),
            request.reason,
        )
        return pb.CancelVisitResponse(visit=convert.visit_to(stored))

    async def ListVisits(self, request: pb.ListVisitsRequest, context: Any) -> pb.ListVisitsResponse:
        found = await self._cases.looking_up.visits(convert.site(request.site), request.from_ms, request.to_ms)
        return pb.ListVisitsResponse(visits=map(convert.visit_to, found))

    async def ImportCardholders(
        self, requests: AsyncIterator[pb.ImportCardholdersRequest], context: Any
    ) -> pb.ImportCardholdersResponse:
        return await self._streams.import_cardholders(_caller(context), requests)

    async def WatchSubjects(
        self, request: pb.WatchSubjectsRequest, context: Any
    ) -> AsyncIterator[pb.WatchSubjectsResponse]:
        async for response in self._streams.watch(request):
            yield response

    async def WatchSources(
        self, request: pb.WatchSourcesRequest, context: Any
    ) -> AsyncIterator[pb.WatchSourcesResponse]:
        async for response in self._streams.watch_sources(request):
            yield response


def _caller(context: Any) -> Caller:
    caller = caller_of(context)
    if caller is None:
        raise RuntimeError("the server lets nobody in without an identity")
    return caller


def _actor(context: Any) -> str:
    return _caller(context).uri
