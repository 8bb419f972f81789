"""The errors of this service, as its callers read them."""

from collections.abc import Sequence

from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_identity.domain.words import Fault


def refuse(faults: Sequence[Fault], prefix: str = "") -> None:
    """DomainError INVALID that names every fault; nothing when there is none."""
    if faults:
        fields = [FieldTrouble(prefix + fault.field, fault.expected_zh, fault.expected_en) for fault in faults]
        zh = ";".join(f"{field.path} 应为{field.message_zh}" for field in fields)
        en = "; ".join(f"{field.path}: expected {field.message_en}" for field in fields)
        raise DomainError(Trouble.INVALID, "FIELDS_INVALID", zh, en, fields)


def unknown(noun_zh: str, noun_en: str) -> DomainError:
    """The site has no such thing, or may not know of it: the two are not told apart."""
    return DomainError(Trouble.NOT_FOUND, "NOT_FOUND", f"该校区没有此{noun_zh}", f"this site has no such {noun_en}")


def cardholder_unknown() -> DomainError:
    return unknown("持卡人", "cardholder")


def taken(field: str, what_zh: str, what_en: str) -> DomainError:
    return DomainError(
        Trouble.EXISTS,
        "TAKEN",
        f"{what_zh}已被占用",
        f"the {what_en} is taken",
        [FieldTrouble(field, f"未被占用的{what_zh}", f"a {what_en} that is not taken")],
    )


def identifier_held() -> DomainError:
    """One card has one live holder; who that is is not told here."""
    expected_zh, expected_en = "未被另一张在用凭证占用的标识", "an identifier that no other live credential has"
    return DomainError(
        Trouble.EXISTS,
        "IDENTIFIER_HELD",
        "该标识属于另一张在用凭证(待用、在用、停用、挂失或失窃均算):须先将其交回、更换或销毁",
        "the identifier belongs to another live credential (inactive, active, suspended, lost and stolen ones count): "
        "that one must be returned, replaced or destroyed first",
        [FieldTrouble("credential.identifiers", expected_zh, expected_en)],
    )


def already_succeeded() -> DomainError:
    return DomainError(
        Trouble.EXISTS,
        "SUCCESSOR_ISSUED",
        "该凭证已有接替的凭证:须先将接替凭证交回或销毁",
        "the credential has a live successor already: that one must be returned or destroyed first",
        [FieldTrouble("credential.replaces", "尚无接替的凭证", "a credential without a live successor")],
    )


def lent_already() -> DomainError:
    return DomainError(
        Trouble.EXISTS,
        "LOAN_OUT",
        "该凭证今日已有临时卡在外:须先交回或挂失",
        "a loan card stands in for this credential already: it must be returned or reported lost first",
        [FieldTrouble("credential.stands_in_for", "没有临时卡在外的凭证", "a credential without a loan card out")],
    )


def too_many_codes(most: int) -> DomainError:
    return DomainError(
        Trouble.EXHAUSTED,
        "TOO_MANY_CODES",
        f"一天内已给此人发了 {most} 个码,请稍后再发",
        f"this person has been given {most} codes within a day: try again later",
    )


def outdated(given: int, current: int) -> DomainError:
    return DomainError(
        Trouble.CONFLICT,
        "VERSION_CONFLICT",
        f"版本 {given} 已过期,当前为 {current}:请重新读取后再改",
        f"version {given} is not the current {current}: read again, then change",
        [FieldTrouble("version", f"当前版本 {current}", f"the current version {current}")],
    )


def no_such_step(now: str, then: str, allowed: Sequence[str]) -> DomainError:
    listed = ", ".join(allowed) or "-"
    return DomainError(
        Trouble.CONFLICT,
        "STATE_CONFLICT",
        f"不能由 {now} 变为 {then};可变为:{listed}",
        f"{now} cannot become {then}; it may become: {listed}",
    )


def already_over(noun_zh: str, noun_en: str) -> DomainError:
    return DomainError(Trouble.CONFLICT, "ALREADY_OVER", f"此{noun_zh}已结束", f"the {noun_en} is already over")
