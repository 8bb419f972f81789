"""One presentation under judgement: what the rules read and where they put what they find."""

from collections.abc import Iterable

from menshen_rulebook.clauses import Where
from menshen_rulebook.decision import (
    CountAttempt,
    Guard,
    MoveNow,
    RaiseAlarm,
    Reason,
    ReasonTexts,
    Reserve,
    Retire,
    UseOnce,
)
from menshen_rulebook.points import Point
from menshen_rulebook.presentation import LiveState, Order, Presence, Presentation
from menshen_rulebook.subject import Credential, Identifier, Subject
from menshen_rulebook.vocabulary import CredentialRequirement, Outcome, SubjectKind

Arguments = tuple[tuple[str, str], ...]


class Case:
    """The inputs of a decision and its findings so far. Lives for one call of `decide`.

    `awaits_until_ms` is how long a second person or a code is awaited, should nothing else be missing.

    `matched` holds, beside each subject, the credentials that were presented. `waived` holds the subject ids a white
    list entry speaks for. `threat_level` is the one that holds at the access point. `on_grant` are the effects that
    only an opening brings; `effects` come in any case.
    """

    __slots__ = (
        "awaits_until_ms",
        "effects",
        "guards",
        "live",
        "matched",
        "now_ms",
        "on_grant",
        "point",
        "presentation",
        "private_reasons",
        "reasons",
        "released",
        "subjects",
        "threat_level",
        "waived",
    )

    def __init__(
        self, presentation: Presentation, subjects: tuple[Subject, ...], point: Point, live: LiveState, now_ms: int
    ) -> None:
        self.presentation = presentation
        self.subjects = subjects
        self.point = point
        self.live = live
        self.now_ms = now_ms
        self.matched = [(subject, _presented(subject, presentation.identifiers)) for subject in subjects]
        self.threat_level = point.threat_level(live.threat_levels) if live.threat_levels else 0
        self.reasons: list[Reason] = []
        self.private_reasons: list[Reason] = []
        self.guards: list[Guard] = []
        self.effects: list[RaiseAlarm | CountAttempt] = []
        self.on_grant: list[Reserve | MoveNow | UseOnce | Retire] = []
        self.waived: frozenset[str] = frozenset()
        self.released = False
        self.awaits_until_ms = 0

    def note(
        self, rule: str, outcome: Outcome, code: str, arguments: Arguments = (), texts: ReasonTexts | None = None
    ) -> None:
        """Give a reason; GRANT and UNSPECIFIED rulings of a policy give none."""
        if outcome > Outcome.GRANT:
            self.reasons.append(Reason(code, rule, outcome, arguments, texts))

    def waives(self, subject: Subject, rule: str) -> bool:
        """Whether a white list entry waives `rule` for the subject; the waiver is noted once."""
        if subject.subject_id not in self.waived or rule not in self.point.policy.lists.white_waives:
            return False
        if not any(reason.code == "WHITELISTED" for reason in self.reasons):
            self.reasons.append(Reason("WHITELISTED", "lists", Outcome.GRANT))
        return True

    def waits_for_more(self) -> bool:
        """Let the party wait for what it lacks; False where nobody waits: at a way out, or without a time for it."""
        within_ms = self.point.access_point.second_within_ms
        if not self.subjects or not within_ms or self.point.leads_out:
            return False
        self.awaits_until_ms = self.now_ms + within_ms
        return True

    def waiting_time(self) -> Arguments:
        """How long the party waits, for its reason."""
        return (("seconds", str(-(-self.point.access_point.second_within_ms // 1000))),)

    def presence(self, subject: Subject) -> Presence | None:
        """The subject's presence register."""
        for presence in self.live.presences:
            if presence.subject_id == subject.subject_id:
                return presence
        return None

    def concerns(self, where: Where, subject: Subject) -> bool:
        """Whether a clause of this access point concerns the subject."""
        return self.threat_level >= where.threat_level and where.names(subject)

    def asks_for(self, requirement: CredentialRequirement) -> bool:
        """Whether the access point wants this of the subjects, by itself or under the threat level that holds here."""
        if self.point.access_point.requires is requirement:
            return True
        if not self.threat_level or not self.point.threats:
            return False
        people = [subject for subject in self.subjects if subject.kind is SubjectKind.CARDHOLDER]
        return any(
            threat.requires is requirement and any(threat.where.names(one) for one in people)
            for threat in self.point.threats_at(self.live.threat_levels)
        )

    def is_kept_out(self, point: Point) -> bool:
        """Whether the threat level at that access point lets in others than the subjects; never on a way out."""
        if not self.live.threat_levels:
            return False
        for threat in point.threats_at(self.live.threat_levels):
            named = [one for one in self.subjects if threat.where.names(one)]
            if threat.admits is not None and not all(threat.admits.covers(one) for one in named):
                return True
        return False

    def redirect(self, access_point_ids: Iterable[str]) -> Arguments:
        """The names of the first of these access points that is open to the subjects; empty if none is."""
        for access_point_id in access_point_ids:
            target = self.point.neighbours.get(access_point_id)
            if target is not None and target is not self.point and self._is_open(target):
                name, code = target.access_point.name, access_point_id
                return (("redirect", code), ("redirect_zh", name.zh or code), ("redirect_en", name.en or code))
        return ()

    def _is_open(self, target: Point) -> bool:
        return (
            target.is_open(self.now_ms)
            and (not self.subjects or target.admits(self.subjects))
            and not any((hold.scope, hold.target_id) in target.hold_targets for hold in self.live.holds)
            and not self.is_kept_out(target)
            and self.secured_by(target) is None
        )

    def secured_by(self, point: Point) -> Order | None:
        """The order in force that secures the door of an access point; of several the one that lasts longest."""
        names, now_ms = point.sharing_door, self.now_ms
        orders = [o for o in self.live.orders if o.access_point_id in names and o.secures and now_ms < o.until_ms]
        return max(orders, key=lambda order: (order.until_ms, order.order_id), default=None)

    def is_visitor(self, subject: Subject) -> bool:
        """Whether the subject's right to enter is its visits."""
        return subject.category in self.point.policy.visitors.categories


def _presented(subject: Subject, identifiers: tuple[Identifier, ...]) -> tuple[Credential, ...]:
    return tuple(
        [
            credential
            for credential in subject.credentials
            for identifier in credential.identifiers
            if identifier in identifiers and identifier[0]
        ]
    )
