"""What foresight answers to a question it cannot answer."""

from menshen_servicekit.status import DomainError, FieldTrouble, Trouble


def access_point_unknown() -> DomainError:
    field = FieldTrouble("access_point", "方案中已定义的通行点", "an access point the plan defines")
    return DomainError(
        Trouble.INVALID,
        "ACCESS_POINT_UNKNOWN",
        "现行方案未定义此通行点",
        "the plan in force defines no such access point",
        [field],
    )


def subject_without_record() -> DomainError:
    field = FieldTrouble("subject_id", "本校区现有的主体", "a subject the site has now")
    return DomainError(
        Trouble.NOT_FOUND,
        "SUBJECT_WITHOUT_RECORD",
        "该主体现无记录，在任何通行点都没有通行权",
        "the subject has no record now, and may pass nowhere",
        [field],
    )


def record_unreadable() -> DomainError:
    return DomainError(
        Trouble.CONFLICT, "RECORD_UNREADABLE", "该主体的记录无法读取", "the record of the subject cannot be read"
    )


def window_too_long(most_days: int) -> DomainError:
    expected = FieldTrouble("to_ms", f"起点之后至多 {most_days} 天", f"at most {most_days} days after the start")
    return DomainError(
        Trouble.INVALID,
        "WINDOW_INVALID",
        f"时段不得超过 {most_days} 天",
        f"the window may be of {most_days} days at most",
        [expected],
    )


def days_invalid(most_days: int) -> DomainError:
    expected = FieldTrouble("days", f"1 至 {most_days}", f"1 to {most_days}")
    return DomainError(
        Trouble.INVALID,
        "WINDOW_INVALID",
        f"天数须为 1 至 {most_days}",
        f"the days have to be 1 to {most_days}",
        [expected],
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
        f"推演超过 {most_s:g} 秒，已中止，请缩短时段或在较空闲时再问",
        f"the work was ended after {most_s:g} s; ask about a shorter window, or at a quieter hour",
    )


def cut_short() -> DomainError:
    return DomainError(
        Trouble.UNAVAILABLE, "FORESIGHT_ENDED", "推演进程已中断，请重试", "the work was cut short; ask again"
    )
