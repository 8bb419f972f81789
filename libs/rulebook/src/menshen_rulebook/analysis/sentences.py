"""What each finding says, and how bad it is."""

from enum import IntEnum
from typing import Final, NamedTuple


class Severity(IntEnum):
    """How bad a finding is: a WARNING may be meant, an ERROR cannot be."""

    UNSPECIFIED = 0
    WARNING = 1
    ERROR = 2


_WARNING, _ERROR = Severity.WARNING, Severity.ERROR


class Sentence(NamedTuple):
    """A finding's severity and its sentence in both languages; placeholders stand in braces."""

    severity: Severity
    zh: str
    en: str


_LEAVING: Final = {
    "AREA_NO_WAY_OUT": Sentence(
        _ERROR,
        "人可由 {entries} 进入区域 {area}，方案中却没有可步行离开的路：须有 EXIT 或 escape 的行人通行点通往站外",
        "people enter area {area} by {entries}, and the plan has no way out on foot: a pedestrian EXIT, or an INNER "
        "access point marked escape, must lead towards the outside",
    ),
    "AREA_WAY_OUT_CAN_REFUSE": Sentence(
        _ERROR,
        "离开区域 {area} 的每条步行路线都要经过可能拒绝的通行点：请把其中通往站外的标为 escape",
        "every way out of area {area} on foot leads through an access point that may refuse: mark one of them escape",
    ),
    "VEHICLES_NO_WAY_OUT": Sentence(
        _WARNING,
        "{access_point_class} 车辆可由 {entries} 进入区域 {area}，方案中却没有供其驶离的通行点",
        "{access_point_class} vehicles enter area {area} by {entries}, and the plan has no access point out for them",
    ),
}
_PASSING: Final = {
    "POINT_ALWAYS_CLOSED": Sentence(
        _WARNING,
        "本策略有效期间通行点 {point} 一直关闭，无人可由此进入",
        "access point {point} is closed as long as this policy is in force: nobody enters by it",
    ),
    "POINT_NEVER_OPEN": Sentence(
        _WARNING,
        "通行点 {point} 的时间表 {schedule} 从不开放，无人可由此进入",
        "the schedule {schedule} of access point {point} never opens: nobody enters by it",
    ),
    "POINT_ADMITS_NOBODY": Sentence(
        _WARNING,
        "本策略不准任何人或车辆通过 {access_point_class} 类通行点，无人可由 {point} 进入",
        "this policy admits neither people nor vehicles at class {access_point_class}: nobody enters by {point}",
    ),
    "POINT_WITHOUT_LEVEL": Sentence(
        _WARNING,
        "没有任何通行级别在开放时间内包含通行点 {point}：只有访客与白名单可由此进入",
        "no access level holds access point {point} at an hour that comes: only visitors and white lists enter by it",
    ),
    "AREA_NOBODY_ENTERS": Sentence(
        _WARNING,
        "本策略有效期间，通往区域 {area} 的每个入口都无人可通过",
        "as long as this policy is in force nobody passes any entry to area {area}",
    ),
    "AREA_LIMIT_ZERO": Sentence(
        _WARNING, "区域 {area} 的人数上限为 0，无人可进入", "the limit of area {area} is 0: nobody enters it"
    ),
    "TIMED_WITHOUT_TIMEOUT": Sentence(
        _ERROR,
        "区域 {area} 的防重入为 TIMED，但没有大于零的 timeout：永远不会拒绝，或永远不会解除",
        "anti-passback of area {area} is TIMED without a timeout above zero: it would never refuse, or never end",
    ),
    "REDIRECT_CLOSED": Sentence(
        _WARNING,
        "关闭期间指引前往的通行点 {redirect} 在其中一段时间也不开放",
        "access point {redirect}, where people are sent, is not open either for some of that time",
    ),
    "REDIRECT_OTHER_CLASS": Sentence(
        _WARNING,
        "指引前往的通行点 {redirect} 属于 {other} 类，而 {point} 属于 {own} 类",
        "access point {redirect}, where people are sent, is of class {other}, and {point} is of class {own}",
    ),
    "REDIRECT_WRONG_WAY": Sentence(
        _WARNING,
        "指引前往的通行点 {redirect} 只通向外面，而 {point} 是入口",
        "access point {redirect}, where people are sent, only leads out, and {point} leads in",
    ),
}
_VEHICLES: Final = {
    "PARKING_WITHOUT_PLACE": Sentence(
        _WARNING,
        "区域 {area} 的车位 {parking} 没有一个可供停放，车辆无法进入",
        "parking {parking} of area {area} has no place for anybody: no vehicle enters",
    ),
    "PARKING_WITHOUT_LANE": Sentence(
        _WARNING,
        "没有供车辆进入区域 {area} 的通行点，车位 {parking} 不起作用",
        "no access point for vehicles leads into area {area}: parking {parking} has no effect",
    ),
    "DRIVER_NOT_AWAITED": Sentence(
        _WARNING,
        "所涉入口的 second_within 均为 0：标签与卡须同时读到，否则一律转门岗",
        "every entry it reaches has a second_within of 0: unless tag and card are read at once the guard is asked",
    ),
}
_CLAUSES: Final = {
    "CLAUSE_REACHES_NO_POINT": Sentence(
        _ERROR,
        "所列通行点或区域入口没有一个属于所写的类别与方向，本条款永不适用",
        "none of the access points named, or into the areas named, has the class and direction named beside them: "
        "the clause never applies",
    ),
    "CLAUSE_NO_SUCH_POINT": Sentence(
        _WARNING,
        "本站点没有这种类别与方向的通行点，本条款在此不适用",
        "this site has no access point of that class and direction: the clause does not apply here",
    ),
    "CONDITIONS_CONTRADICT": Sentence(
        _ERROR,
        "only_if 要求同一检验既成立又不成立，本条款永不适用",
        "only_if asks the same test to hold and not to hold: the clause never applies",
    ),
    "CATEGORY_EXCLUDED": Sentence(
        _WARNING,
        "where 所写的类别没有一个为这项检验所接受，结果永远是 REJECTED",
        "the test accepts none of the categories that where names: it always finds REJECTED",
    ),
    "TEST_NEVER_PRESENT": Sentence(
        _ERROR,
        "没有任何值能满足对 {fact} 的这项检验：请核对 accept、at_least 与 at_most",
        "no value passes this test of {fact}: compare accept, at_least and at_most",
    ),
    "CLAUSE_SAID_TWICE": Sentence(
        _ERROR,
        "{name} 在 {part} 中写了两次，只有一条会被采用",
        "{name} stands twice in {part}: only one of the two is read",
    ),
    "REQUIREMENT_WITHOUT_EFFECT": Sentence(
        _WARNING,
        "要求 {requirement} 的每种结果都是放行，它不起任何作用",
        "whatever requirement {requirement} finds, it grants: it has no effect",
    ),
    "REQUIREMENT_SHADOWED": Sentence(
        _WARNING,
        "凡适用要求 {requirement} 者，已被前面的 {ban} 全部拒绝",
        "everyone whom requirement {requirement} concerns is already refused by {ban} before it",
    ),
    "CATEGORY_UNNAMED": Sentence(
        _WARNING,
        "方案中没有任何授权提到类别 {category}：请核对写法",
        "no assignment of the plan names category {category}: is it written as the office writes it?",
    ),
}
_THREATS: Final = {
    "CLAUSE_ABOVE_EVERY_LEVEL": Sentence(
        _ERROR,
        "威胁等级最高为 {highest}，本条款永不适用",
        "threat levels end at {highest}: the clause never applies",
    ),
    "THREAT_AT_WAYS_OUT": Sentence(
        _ERROR,
        "本条款只涉及出口，而威胁等级从不妨碍离开，本条款永不适用",
        "the clause speaks of ways out alone, where no threat level asks anything: it never applies",
    ),
    "THREAT_WITHOUT_EFFECT": Sentence(
        _ERROR,
        "本条款既未写 admits 也未写 requires，不起任何作用",
        "the clause names neither admits nor requires: it has no effect",
    ),
    "THREAT_ADMITS_NOBODY": Sentence(
        _WARNING,
        "此处准入者没有一个为同时适用的 {other} 所准入：只有兼属两者的人才能进入",
        "{other} holds here as well and admits none of those admitted here: only who belongs to both may enter",
    ),
}
_PACKS: Final = {
    "PACK_UNKNOWN": Sentence(
        _ERROR,
        "没有条款属于要停用的条款包 {pack}",
        "no clause belongs to the pack {pack} that is switched off",
    ),
}
_FACTS: Final = {
    "FACT_NOT_SUPPLIED": Sentence(
        _ERROR,
        "没有任何来源提供事实 {fact}，这里永远查不到它",
        "no source supplies the fact {fact}: it will never be found here",
    ),
    "CONDITION_NOT_SUPPLIED": Sentence(
        _WARNING,
        "没有任何来源提供事实 {fact}，这个条件的结果永远相同",
        "no source supplies the fact {fact}: this condition always comes out the same",
    ),
    "SOURCE_UNKNOWN": Sentence(_ERROR, "没有名为 {source} 的来源", "there is no source {source}"),
    "SOURCE_WITHOUT_BOUND": Sentence(
        _WARNING,
        "方案的 sources 没有写明来源 {source} 多久无报告即为停更：它永不会被视为停更",
        "the plan's sources do not say when {source} is silent: it is never found stale",
    ),
    "FACT_OF_OTHER_SOURCE": Sentence(
        _WARNING,
        "来源 {source} 不提供事实 {fact}",
        "the source {source} does not supply the fact {fact}",
    ),
}
_TIMES: Final = {
    "INTERVAL_NEVER_OPEN": Sentence(
        _ERROR,
        "这一时段永不开放：须写明日子，且 opens 与 closes 不同",
        "this interval never opens: it needs days, and another time to close than to open",
    ),
    "SCHEDULE_NEVER_OPEN": Sentence(_WARNING, "时间表 {schedule} 从不开放", "the schedule {schedule} never opens"),
    "CLOSURE_NEVER": Sentence(
        _ERROR,
        "这次关闭在开始之前或同时就已结束，永不生效",
        "this closure ends no later than it begins: it never holds",
    ),
    "CLOSURE_OUTSIDE_POLICY": Sentence(
        _WARNING,
        "这次关闭与本策略的有效期没有重叠，永不生效",
        "this closure lies wholly outside the time this policy is in force: it never holds",
    ),
    "POLICY_GAP": Sentence(
        _ERROR,
        "自 {from_} 至 {to} 没有任何策略有效，其间所有入口都会拒绝",
        "from {from_} to {to} no policy is in force: every entry refuses",
    ),
    "POLICY_ENDS": Sentence(
        _WARNING,
        "自 {from_} 起没有任何策略有效，此后所有入口都会拒绝",
        "from {from_} on no policy is in force: every entry refuses",
    ),
    "POLICY_IN_PAST": Sentence(
        _WARNING,
        "策略始于过去（{from_}），启用即生效",
        "the policy begins in the past ({from_}): it would be in force at once",
    ),
    "POLICY_NEVER_HOLDS": Sentence(
        _WARNING,
        "策略版本 {version} 的有效期全部被开始更晚或版本更高的策略覆盖，永不生效",
        "policies that begin later, or have a higher version, cover all the time of version {version}: it never holds",
    ),
}
_UNLOCKING: Final = {
    "UNLOCKED_INTERLOCK": Sentence(
        _ERROR,
        "通行点 {point} 的门属于互锁，不能保持开锁：其余各门将一直等它关闭",
        "the door of access point {point} belongs to an interlock: were it unlocked, the others would wait for it",
    ),
    "UNLOCKED_WITHOUT_FIRST": Sentence(
        _ERROR,
        "通行点 {point} 没有 opened_by，或通向外面：当天不会有首人，门永不开锁",
        "access point {point} has no opened_by, or leads out: nobody comes first there, and it is never unlocked",
    ),
    "UNLOCKED_NEVER": Sentence(
        _ERROR,
        "时间表 {schedule} 开放时，通行点 {other} 按 {hours} 总是关闭：{point} 的门永不开锁",
        "whenever {schedule} is open, access point {other} is closed by {hours}: the door of {point} is never unlocked",
    ),
    "UNLOCKED_OUTSIDE_HOURS": Sentence(
        _WARNING,
        "时间表 {schedule} 的一部分在通行点 {other} 的开放时间 {hours} 之外，那时 {point} 的门不开锁",
        "part of {schedule} lies outside the hours {hours} of access point {other}: the door of {point} is locked then",
    ),
}

SENTENCES: Final[dict[str, Sentence]] = {
    **_LEAVING,
    **_PASSING,
    **_VEHICLES,
    **_CLAUSES,
    **_THREATS,
    **_PACKS,
    **_FACTS,
    **_TIMES,
    **_UNLOCKING,
}
"""Every finding by its code."""
