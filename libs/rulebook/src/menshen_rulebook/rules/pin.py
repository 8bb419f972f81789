"""PINs: asked for by the access point, the threat level or the credential. A duress PIN is right and alarms in silence.

Too many wrong ones lock the entry of PINs out for a time, where the policy says so; never at a way out. What is typed
meanwhile is neither taken nor counted, so that the time ends, and a duress PIN alarms even then.
"""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.decision import CountAttempt, RaiseAlarm, Reason
from menshen_rulebook.rules.rule import Rule
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import AlarmKind, CredentialRequirement, Outcome, PinVerdict

_NAME: Final = "pin"
_NONE: Final = PinVerdict.NONE


def _evaluate(case: Case) -> None:
    verdict = case.presentation.pin_verdict
    if verdict is _NONE and not _is_asked(case):
        return
    if verdict is PinVerdict.DURESS:
        _alarm_in_silence(case)
    if verdict is not _NONE and _is_locked_out(case):
        case.note(_NAME, Outcome.DENY, "PIN_LOCKED_OUT")
    elif verdict in (PinVerdict.OK, PinVerdict.DURESS):
        _accept(case)
    elif verdict is PinVerdict.WRONG:
        _reject(case)
    elif _is_asked(case):
        _miss(case, verdict)


def _credential_asks(case: Case) -> bool:
    for _subject, credentials in case.matched:
        for credential in credentials:
            if credential.pin_required:
                return True
    return False


def _is_asked(case: Case) -> bool:
    return case.asks_for(CredentialRequirement.CARD_AND_PIN) or _credential_asks(case)


def _is_locked_out(case: Case) -> bool:
    after = case.point.policy.pins.lock_out_after
    return 0 < after <= case.live.wrong_attempts and not case.point.leads_out


def _alarm_in_silence(case: Case) -> None:
    case.private_reasons.append(Reason("DURESS", _NAME, Outcome.GRANT))
    case.effects.append(RaiseAlarm(AlarmKind.DURESS, private=True, subject_id=_first(case.subjects)))


def _accept(case: Case) -> None:
    if case.live.wrong_attempts:
        case.effects.append(CountAttempt(case.point.access_point.access_point_id))


def _reject(case: Case) -> None:
    case.note(_NAME, Outcome.DENY, "PIN_WRONG")
    case.effects.append(
        CountAttempt(case.point.access_point.access_point_id, case.point.policy.pins.forgotten_after_ms)
    )
    if case.live.wrong_attempts + 1 >= case.point.policy.pins.alarm_after:
        case.effects.append(RaiseAlarm(AlarmKind.WRONG_PIN_REPEATED, private=False, subject_id=_first(case.subjects)))


def _miss(case: Case, verdict: PinVerdict) -> None:
    if verdict is PinVerdict.UNVERIFIABLE:
        case.note(_NAME, case.point.policy.pins.unverifiable, "PIN_UNVERIFIABLE")
    elif any(subject.has_pin for subject in case.subjects):
        case.note(_NAME, Outcome.DENY, "PIN_REQUIRED")
    else:
        case.note(_NAME, Outcome.DENY, "PIN_NOT_SET")


def _first(subjects: tuple[Subject, ...]) -> str:
    return subjects[0].subject_id if subjects else ""


RULE: Final = Rule(
    _NAME,
    frozenset(
        {
            "live.threat_levels",
            "live.wrong_attempts",
            "plan.access_points",
            "policy.pins",
            "policy.threats",
            "presentation.pin_verdict",
            "subject.credentials",
            "subject.has_pin",
        }
    ),
    _evaluate,
)
