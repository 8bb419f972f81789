"""Joins the agent's parts to each other and to its peers."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

import grpc
import structlog
from menshen.safety.v1.safety_pb2 import HoldZonesRequest
from menshen_rulebook.points import Point
from menshen_rulebook.policy import LANGUAGE
from menshen_rulebook.types import Identifier, Subject
from menshen_servicekit.channel import open_channel
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.lifecycle import Process
from menshen_servicekit.supervision import Backoff, Tasks
from menshen_servicekit.tls import uris_in

from menshen_device_agent.agent import Agent, Screen
from menshen_device_agent.alarming import AlarmOutbox
from menshen_device_agent.assembly import Surroundings, build_boards_and_doors, build_readers
from menshen_device_agent.bindings import Configuration
from menshen_device_agent.by_hand import ByHand
from menshen_device_agent.certificate import mismatch_of
from menshen_device_agent.commanding import Commands, PulseCommand
from menshen_device_agent.doors import DoorControl
from menshen_device_agent.edge.deciding import EdgeDecider, EdgeRules
from menshen_device_agent.edge.file import EdgeFile
from menshen_device_agent.edge.keeping import EdgeKeeper
from menshen_device_agent.edge.opened import OpenedDays
from menshen_device_agent.edge.used_up import UsedUp
from menshen_device_agent.events import Answer, Asked, EventKind
from menshen_device_agent.interlocking import Interlocks
from menshen_device_agent.journal import Entry, Journal
from menshen_device_agent.model.zone import PanelState
from menshen_device_agent.named_texts import NamedTexts
from menshen_device_agent.peers.centre import CentreEvents, CentreLink, Greeting, Resolution
from menshen_device_agent.peers.convert import encode_event
from menshen_device_agent.peers.edge import AccessReceiver, Ed25519Check, EdgeLink
from menshen_device_agent.peers.safety import SafetyAlarms, ZoneLink, alarm_body, door_report, panel_report
from menshen_device_agent.postures import Postures
from menshen_device_agent.presenting import Presenter
from menshen_device_agent.readers import DeviceHealth
from menshen_device_agent.releasing import Releases, ZoneControl, ZoneWord
from menshen_device_agent.reviewing import Reviews
from menshen_device_agent.settings import AgentSettings
from menshen_device_agent.spool import Spool
from menshen_device_agent.uploading import Uploader
from menshen_device_agent.watching import Watch

MOST_RECONNECT_MS = 1_500

_log = structlog.get_logger(__name__)


class Wiring:
    """Builds one agent inside a process, in the order the constructor reads; `start` sets it going."""

    def __init__(self, process: Process[AgentSettings], configuration: Configuration) -> None:
        self._process = process
        self._settings = process.settings
        self._configuration = configuration
        self._new_id = Uuid7Factory(process.clock)
        self._tasks = Tasks(process.metrics, Backoff(first_s=0.2, most_s=1.5))
        self._refusal = ("", "")
        self._refusals = process.metrics.counter(
            "centre_refusals", "Streams the centre refused: certificate or configuration", ["status"]
        )
        self._open_stores()
        self._open_links()
        self.agent = self._build()

    def start(self) -> None:
        """Restore releases, open the lines, then reach for the peers."""
        self.agent.start()
        self._tell_of_lost_spool()
        self._compare_certificate()
        self._tasks.keep("centre", self._centre.run)
        self._tasks.keep("upload", self._uploader.run)
        self._tasks.keep("edge", self._edge_link.run)
        self._tasks.keep("alarms", self._alarms.run)
        self._tasks.keep("zones", self._zone_link.run)

    def _open_stores(self) -> None:
        folder, clock, closer = self._settings.state_folder, self._process.clock, self._process.closer
        folder.mkdir(parents=True, exist_ok=True)
        self._spool = Spool(folder / "spool.db", clock.now_ms)
        closer.push("spool", _closing(self._spool.close))
        alarm_spool = Spool(folder / "alarms.db", clock.now_ms)
        closer.push("alarms", _closing(alarm_spool.close))
        check = Ed25519Check(self._configuration.site, self._settings.snapshot_key_file)
        self._keeper = EdgeKeeper(EdgeFile(folder / "edge.db"), check, self._edge_trouble, self._look_at_postures)
        closer.push("edge", _closing(self._keeper.close))
        self._safety_channel = self._channel(self._settings.safety_target, "safety")
        closer.push("safety channel", self._safety_channel.close)
        receiver = SafetyAlarms(self._safety_channel, self._configuration.site)
        self._alarms = AlarmOutbox(alarm_spool, clock, self._new_id, alarm_body, receiver)
        self._journal = Journal(self._spool, clock, self._new_id, encode_event, self._report)
        self._opened = OpenedDays(self._point, self._look_at_postures, NamedTexts(folder / "opened.json"))
        self._used_up = UsedUp(self._subjects, self._point, NamedTexts(folder / "used_up.json"))

    def _channel(self, target: str, service: str, *, retry: bool = True) -> grpc.aio.Channel:
        """To a service, reconnecting soon: until then the gate decides alone."""
        options = (("grpc.max_reconnect_backoff_ms", MOST_RECONNECT_MS),)
        return open_channel(target, self._process.tls, server_name=service, retry=retry, options=options)

    def _open_links(self) -> None:
        site = self._configuration.site
        target = self._settings.access_target
        stream_channel = self._channel(target, "access", retry=False)
        self._process.closer.push("centre channel", stream_channel.close)
        self._centre = CentreLink(stream_channel, self._greeting(), self._position, self._centre_events())
        bulk_channel = self._channel(target, "access")
        self._process.closer.push("bulk channel", bulk_channel.close)
        receiver = AccessReceiver(bulk_channel, site)
        self._uploader = Uploader(self._spool, receiver, self._journal.settled_before, self._alarms.resend)
        self._edge_link = EdgeLink(bulk_channel, site, self._keeper)
        self._zone_link = ZoneLink(
            self._safety_channel,
            site,
            tuple(self._configuration.doors),
            tuple(self._configuration.zones),
            self._standing_reports,
            self._zones_are,
            self._safety_is,
        )

    def _build(self) -> Agent:
        screen, door_changes = Screen(), Watch[DoorControl]()
        health = DeviceHealth(self._journal, self._alarms)
        around = Surroundings(self._settings, self._journal, self._alarms, health, screen, self._monotonic_ms)
        changed = partial(self._door_changed, door_changes)
        boards, doors, board_drivers = build_boards_and_doors(self._configuration, around, changed)
        self._releases = self._build_releases(doors)
        self._releases.wire(boards)
        decider = self._build_decider(doors)
        interlocks = Interlocks(lambda: self._keeper.holding.plan, doors, decider.way_out)
        self._reviews = Reviews(
            self._journal, decider.way_out, self._settings.exit_review_opens_s, bars=interlocks.bars
        )
        self._presenter = presenter = Presenter(
            self._process.clock,
            self._new_id,
            self._journal,
            self._centre,
            decider.decide,
            self._reviews.hold,
            self._settings.decision_deadline_ms / 1000,
            learn=self._learn,
            interlocks=interlocks,
            repeat_within_ms=self._repeat_within_ms,
        )
        self._postures = self._build_postures(doors)
        points = {name: doors[door.name] for door in self._configuration.doors.values() for name in door.access_points}
        self._commands = Commands(points, self._journal, self._process.clock, interlocks.bars)
        readers, reader_drivers = build_readers(self._configuration, around, presenter, doors)
        agent = Agent(
            configuration=self._configuration,
            clock=self._process.clock,
            spool=self._spool,
            keeper=self._keeper,
            health=health,
            releases=self._releases,
            postures=self._postures,
            screen=screen,
            doors=doors,
            door_changes=door_changes,
            by_hand=ByHand(partial(self._leads_out, decider.way_out), interlocks.bars),
            readers=tuple(readers),
            drivers=(*board_drivers, *reader_drivers),
            centre_online=lambda: self._centre.online,
        )
        # Closed in reverse: lines first, then what is under way, reviews and the links.
        self._process.closer.push("links", self._tasks.close)
        self._process.closer.push("reviews", _closing(self._reviews.close))
        self._process.closer.push("presentations", presenter.close)
        self._process.closer.push("lines", agent.close)
        return agent

    def _build_releases(self, doors: dict[str, DoorControl]) -> Releases:
        zones = [
            ZoneControl(binding, [doors[name] for name in binding.doors])
            for binding in self._configuration.zones.values()
        ]
        file = NamedTexts(self._settings.state_folder / "released.json")
        return Releases(zones, file, self._journal, self._alarms, self._monotonic_ms, self._report_panel)

    def _build_postures(self, doors: dict[str, DoorControl]) -> Postures:
        access_points = {name: control.binding.access_points for name, control in doors.items()}
        holding, stale_after_ms = (lambda: self._keeper.holding), self._settings.stale_after_ms
        return Postures(doors, access_points, holding, self._opened.used_ids, self._process.clock, stale_after_ms)

    def _build_decider(self, doors: dict[str, DoorControl]) -> EdgeDecider:
        exits = {reader.access_point for reader in self._configuration.readers.values() if reader.is_exit}

        def released(access_point: str) -> bool:
            binding = self._configuration.door_of(access_point)
            return binding is not None and bool(doors[binding.name].door.released_by)

        return EdgeDecider(
            self._configuration.site,
            self._configuration.agent,
            self._process.clock,
            lambda: self._keeper.holding,
            released,
            exits.__contains__,
            EdgeRules(self._settings.stale_after_ms),
            self._opened.used_ids,
            self._used_up.among,
        )

    def _centre_events(self) -> CentreEvents:
        return CentreEvents(
            recorded=self._spool.acknowledge,
            opened=self._centre_opened,
            lost=lambda: None,
            resolved=self._resolved,
            upload_due=self._upload_due,
            refused=self._centre_refused,
            pulse=self._pulse,
        )

    def _centre_opened(self, epoch: int, number: int) -> None:
        self._refusal = ("", "")
        self._uploader.resume(epoch, number)

    def _pulse(self, command: PulseCommand) -> None:
        self._commands.pulse(command)

    def _look_at_postures(self) -> None:
        self._postures.look()

    def _upload_due(self) -> None:
        self._uploader.hasten()

    def _centre_refused(self, status: str, why: str) -> None:
        """Alarm once for each reason, until the centre accepts the agent again.

        The log has it too: where the certificate is wrong, safety may refuse the alarm as access refused the stream.
        """
        self._refusals.labels(status).inc()
        if self._refusal != (status, why):
            self._refusal = (status, why)
            _log.error("centre_refused", status=status, why=why)
            detail = {"centre": status, "why": why}
            self._alarms.raise_alarm("SECURITY", self._configuration.agent, "", detail)

    def _zones_are(self, words: list[ZoneWord], not_held: Sequence[str]) -> None:
        self._releases.safety_says(words, not_held)

    def _resolved(self, resolution: Resolution) -> None:
        self._reviews.resolved(resolution.event_id, opens=resolution.opens)

    def _greeting(self) -> Greeting:
        configuration = self._configuration
        return Greeting(configuration.site, configuration.access_points, tuple(configuration.doors), f"{LANGUAGE}")

    def _position(self) -> tuple[int, int]:
        return self._spool.epoch, self._spool.last_number

    def _monotonic_ms(self) -> int:
        return int(self._process.clock.monotonic() * 1000)

    def _point(self, access_point: str, now_ms: int) -> Point | None:
        plan = self._keeper.holding.plan
        return plan.point(access_point, now_ms) if plan is not None else None

    def _leads_out(self, way_out: Callable[[str], bool], access_point: str) -> bool:
        """Whether anybody leaves here, vehicles too: by the plan, or as people do where no plan is held."""
        point = self._point(access_point, self._process.clock.now_ms())
        return way_out(access_point) if point is None else point.leads_out

    def _subjects(self, identifiers: Iterable[Identifier]) -> tuple[Subject, ...]:
        return self._keeper.holding.records.subjects(identifier.key for identifier in identifiers)

    def _learn(self, asked: Asked, answer: Answer) -> None:
        self._opened.learn(asked, answer)
        self._used_up.learn(asked, answer)

    def _repeat_within_ms(self, access_point: str) -> int:
        point = self._point(access_point, self._process.clock.now_ms())
        return point.repeat_within_ms if point is not None else 0

    def _report(self, entry: Entry) -> None:
        event = entry.event
        if event.kind is EventKind.NOT_TAKEN:
            self._opened.not_taken(event.event_id)
            self._used_up.not_taken(event.event_id)
        if event.kind in (EventKind.TAKEN, EventKind.NOT_TAKEN):
            self._presenter.ended(event.event_id)
        self._centre.report(entry)

    def _report_panel(self, zone: str, state: PanelState) -> None:
        self._zone_link.report(panel_report(zone, state, self._process.clock.now_ms()))

    def _door_changed(self, changes: Watch[DoorControl], control: DoorControl) -> None:
        changes.tell(control)
        if control.release is not None:
            for request in self._door_reports(control):
                self._zone_link.report(request)

    def _door_reports(self, control: DoorControl) -> list[HoldZonesRequest]:
        now_ms = self._process.clock.now_ms()
        zones = self._releases.zones.values()
        return [
            door_report(control, zone.binding.name, zone.zone.release_id, now_ms)
            for zone in zones
            if control.binding.name in zone.binding.doors
        ]

    def _standing_reports(self) -> list[HoldZonesRequest]:
        now_ms = self._process.clock.now_ms()
        reports: list[HoldZonesRequest] = [
            panel_report(name, zone.zone.panel, now_ms)
            for name, zone in self._releases.zones.items()
            if zone.binding.board is not None and zone.zone.panel is not PanelState.UNSPECIFIED
        ]
        for control in self.agent.doors.values():
            if control.release is not None:
                reports += self._door_reports(control)
        return reports

    def _safety_is(self, online: bool) -> None:
        self._releases.safety_online = online

    def _edge_trouble(self, cause: str) -> None:
        self._alarms.raise_alarm("SYSTEM", self._configuration.agent, "", {"edge": cause})

    def _compare_certificate(self) -> None:
        """Say that centre and control room will refuse this agent; its doors are driven all the same."""
        site, agent = self._configuration.site, self._configuration.agent
        found = mismatch_of(uris_in(self._settings.certificate_file), site, agent)
        if found is not None:
            _log.error("certificate_of_another", zh=found.zh, en=found.en)
            self._alarms.raise_alarm("SECURITY", agent, "", {"certificate": "of another", "why": found.en})

    def _tell_of_lost_spool(self) -> None:
        if self._spool.moved_aside is not None:
            self._journal.happened(EventKind.SPOOL_GAP, detail={"moved_aside": self._spool.moved_aside.name})
            self._alarms.raise_alarm("SYSTEM", self._configuration.agent, "", {"spool": "moved aside"})
        if self._spool.in_memory:
            self._alarms.raise_alarm("SYSTEM", self._configuration.agent, "", {"spool": "in memory"})


def _closing(close: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def closing() -> None:
        close()

    return closing
