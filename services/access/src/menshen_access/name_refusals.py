"""What is answered to a question that names what the site never knew, or no time at all."""

from menshen_servicekit.status import DomainError, FieldTrouble, Trouble


def subject_never() -> DomainError:
    field = FieldTrouble("subject_id", "本校区已知或曾知的主体", "a subject the site knows or knew")
    return DomainError(
        Trouble.NOT_FOUND,
        "SUBJECT_UNKNOWN",
        "无此主体：记录与保留的事件中均未出现",
        "there is no such subject, neither in the records nor in any event that is kept",
        [field],
    )


def access_point_never() -> DomainError:
    field = FieldTrouble("access_point", "方案中或曾在方案中的通行点", "an access point of the plan, or of one before")
    return DomainError(
        Trouble.INVALID,
        "ACCESS_POINT_UNKNOWN",
        "无此通行点：现行与以往的方案以及保留的事件中均未出现",
        "there is no such access point, neither in a plan, now or before, nor in any event that is kept",
        [field],
    )


def category_unknown() -> DomainError:
    field = FieldTrouble("category", "主体或事件所属的类别", "a category of a subject or of an event")
    return DomainError(
        Trouble.NOT_FOUND,
        "CATEGORY_UNKNOWN",
        "无此类别：没有主体属于它，保留的事件中也未出现",
        "there is no such category: no subject has it, and no event that is kept",
        [field],
    )


def unit_unknown() -> DomainError:
    field = FieldTrouble(
        "unit", "主体或事件所属的单位（即群组）", "a unit, which is a group, of a subject or of an event"
    )
    return DomainError(
        Trouble.NOT_FOUND,
        "UNIT_UNKNOWN",
        "无此单位：没有主体属于它，保留的事件中也未出现",
        "there is no such unit: no subject belongs to it, and no event that is kept",
        [field],
    )


def reason_unknown() -> DomainError:
    field = FieldTrouble(
        "reason_code", "规则、策略或事件的理由代码", "a reason code of the rules, of a policy or of an event"
    )
    return DomainError(
        Trouble.INVALID,
        "REASON_UNKNOWN",
        "无此理由代码：规则、现行与以往的策略以及保留的事件中均未出现",
        "there is no such reason code, neither of the rules nor of any policy, nor in any event that is kept",
        [field],
    )


def area_unknown() -> DomainError:
    field = FieldTrouble("area", "方案中已定义的区域", "an area the plan defines")
    return DomainError(
        Trouble.INVALID, "AREA_UNKNOWN", "现行方案未定义此区域", "the plan in force defines no such area", [field]
    )


def window_reversed(field: str = "to_ms") -> DomainError:
    expected = FieldTrouble(field, "晚于起点的时刻", "an instant after the start")
    return DomainError(
        Trouble.INVALID,
        "WINDOW_INVALID",
        "时段的终点须晚于起点",
        "the window has to end after it begins",
        [expected],
    )
