"""What `decide` answers: outcome, reasons, guards and effects."""

from dataclasses import dataclass

from menshen_rulebook.vocabulary import AlarmKind, Outcome


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages; placeholders stand in braces."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ReasonTexts:
    """The sentences of one reason for its three readers."""

    holder: Text
    guard: Text
    record: Text


@dataclass(frozen=True, slots=True)
class Reason:
    """Why. `code` is a key of `reasons.TEXTS`, or a policy's own code, which then brings its `texts`.

    `rule` names the rule that spoke, `outcome` what it argues for, `arguments` fill the placeholders of the texts.
    """

    code: str
    rule: str
    outcome: Outcome
    arguments: tuple[tuple[str, str], ...] = ()
    texts: ReasonTexts | None = None


@dataclass(frozen=True, slots=True)
class VersionIs:
    """The subject's record still has this version."""

    subject_id: str
    version: int


@dataclass(frozen=True, slots=True)
class PlanIs:
    """The site's plan in force still has this version."""

    version: int


@dataclass(frozen=True, slots=True)
class NowWithin:
    """The committing clock stands in [from_ms, to_ms): the policy judged by is the policy in force."""

    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class HoldsUnchanged:
    """What holds for the site beside its plan, its lockdown holds first of all, still has this version."""

    version: int


@dataclass(frozen=True, slots=True)
class PresenceIs:
    """The subject's presence register still has this version; 0: it has none."""

    subject_id: str
    version: int


@dataclass(frozen=True, slots=True)
class CountBelow:
    """The area's count, reservations included and `subject_id` itself left out, is below `limit`."""

    area_id: str
    limit: int
    subject_id: str


@dataclass(frozen=True, slots=True)
class NotUsed:
    """This single-use credential, single-entry visit or opening of the day has not been used."""

    used_id: str


@dataclass(frozen=True, slots=True)
class Used:
    """This opening of the day has taken place, and nobody took it back."""

    used_id: str


Guard = VersionIs | PlanIs | NowWithin | HoldsUnchanged | PresenceIs | CountBelow | NotUsed | Used


@dataclass(frozen=True, slots=True)
class Reserve:
    """Keep a place in an area for the subject until `expires_at_ms`.

    `area_path` is the area and the areas around it, innermost first: their counts include the reservation; that of a
    vehicle is `places.path_of`. A reservation of the same subject at the same access point is renewed, not doubled.
    """

    subject_id: str
    area_path: tuple[str, ...]
    access_point_id: str
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class Confirm:
    """The passage was taken: free the reservation and move the presence register, ordered by (at_ms, event_id)."""

    subject_id: str
    area_path: tuple[str, ...]
    access_point_id: str
    at_ms: int
    event_id: str


@dataclass(frozen=True, slots=True)
class MoveNow:
    """Grant is taken, because the hardware cannot tell: move the presence register at once."""

    subject_id: str
    area_path: tuple[str, ...]
    access_point_id: str
    at_ms: int
    event_id: str


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """Raise an alarm. A private one goes to the control room only, never to the lane or its post."""

    kind: AlarmKind
    private: bool
    subject_id: str = ""


@dataclass(frozen=True, slots=True)
class UseOnce:
    """Mark this single-use credential, single-entry visit or opening of the day as used by this event."""

    used_id: str


@dataclass(frozen=True, slots=True)
class Retire:
    """Retire the credential whose successor has been used."""

    subject_id: str
    credential_id: str


@dataclass(frozen=True, slots=True)
class CountAttempt:
    """Count a wrong PIN at this access point and forget the count so long after; 0 sets it back at once."""

    access_point_id: str
    forgotten_after_ms: int = 0


@dataclass(frozen=True, slots=True)
class OpenReview:
    """Ask the guard. At `opens_at_ms` the way opens by itself; None: never. `then` are the effects of a pass."""

    opens_at_ms: int | None
    then: "tuple[Reserve | MoveNow | UseOnce | Retire, ...]" = ()


Effect = Reserve | Confirm | MoveNow | RaiseAlarm | UseOnce | Retire | CountAttempt | OpenReview


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one presentation.

    `reasons` holds every reason: the severest first, in rule order among equals, so that the first is the one to show.
    `private_reasons` (duress) are for the record and the control room only. `unclamped` is what the rules said before
    the clamp at exits and an emergency release; it equals `outcome` where neither spoke. `policy_version` is 0 where no
    policy was in force. `awaits_second_until_ms` is set where nothing but a second person or a code is missing: until
    then the next presentation at the access point is to be decided together with this one.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    private_reasons: tuple[Reason, ...]
    guards: tuple[Guard, ...]
    effects: tuple[Effect, ...]
    unclamped: Outcome
    plan_version: int
    policy_version: int
    language_version: int
    now_ms: int
    awaits_second_until_ms: int = 0

    @property
    def shown(self) -> Reason | None:
        """The reason to show; None where there is nothing to say."""
        return self.reasons[0] if self.reasons else None
