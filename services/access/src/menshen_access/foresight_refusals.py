"""What foresight answers to a question it cannot answer."""

from menshen_servicekit.status import DomainError, FieldTrouble, Trouble


def access_point_unknown() -> DomainError:
    field = FieldTrouble("access_point", "方案中已定义的通行点", "an access point the plan defines")
    return DomainError(Trouble.INVALID, "ACCESS_POINT_UNKNOWN", "无此通行点", "there is no such access point", [field])


def subject_unknown() -> DomainError:
    field = FieldTrouble("subject_id", "本校区已知的主体", "a subject known at the site")
    return DomainError(Trouble.NOT_FOUND, "SUBJECT_UNKNOWN", "无此主体", "there is no such subject", [field])


def record_unreadable() -> DomainError:
    return DomainError(
        Trouble.CONFLICT, "RECORD_UNREADABLE", "该主体的记录无法读取", "the record of the subject cannot be read"
    )


def window_invalid(field: str, most_days: int) -> DomainError:
    expected = FieldTrouble(field, f"1 至 {most_days} 天的时段", f"a window of 1 to {most_days} days")
    return DomainError(
        Trouble.INVALID, "WINDOW_INVALID", f"时段须在 {most_days} 天以内", f"at most {most_days} days", [expected]
    )


def too_many_kinds(most: int) -> DomainError:
    return DomainError(
        Trouble.EXHAUSTED,
        "FORESIGHT_TOO_MANY_KINDS",
        f"时段内须逐一推演的主体超过 {most} 种，请缩短时段",
        f"more than {most} kinds of subjects would be asked about; ask about a shorter window",
    )


def took_too_long(most_s: float) -> DomainError:
    return DomainError(
        Trouble.DEADLINE,
        "FORESIGHT_TOO_LONG",
        f"推演超过 {most_s:g} 秒，已中止，请缩短时段",
        f"the work was ended after {most_s:g} s; ask about a shorter window",
    )


def cut_short() -> DomainError:
    return DomainError(
        Trouble.UNAVAILABLE, "FORESIGHT_ENDED", "推演进程已中断，请重试", "the work was cut short; ask again"
    )
