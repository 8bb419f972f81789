"""The errors of this service, as its callers read them."""

from collections.abc import Sequence

from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_vehicles.domain.words import Fault


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


def vehicle_unknown() -> DomainError:
    return unknown("车辆", "vehicle")


def taken(field: str, what_zh: str, what_en: str) -> DomainError:
    return DomainError(
        Trouble.EXISTS,
        "TAKEN",
        f"{what_zh}已被占用",
        f"the {what_en} is taken",
        [FieldTrouble(field, f"未被占用的{what_zh}", f"a {what_en} that is not taken")],
    )


def plate_alike(field: str) -> DomainError:
    return DomainError(
        Trouble.EXISTS,
        "PLATE_ALIKE",
        "另一车辆的号牌与此只差 O 与 0 或 I 与 1,识别时无法区分:请核对号牌",
        "another vehicle's plate differs only by O for 0 or I for 1, which readings do not tell apart: check it",
        [
            FieldTrouble(
                field, "与其他号牌不止差 O 与 0、I 与 1 的号牌", "a plate that differs from others by more than that"
            )
        ],
    )


def too_many_visits(most: int) -> DomainError:
    return DomainError(
        Trouble.CONFLICT,
        "TOO_MANY_VISITS",
        f"该车在此校区已有 {most} 次未结束的来访:请先撤销一次,或待其结束后再预约",
        f"the vehicle has {most} open visits to this site already: withdraw one, or announce this one when one is over",
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
