"""Reasons of the gate itself: release, lockdown, closures, hours, faults."""

from typing import Final

from menshen_rulebook.texts.entry import SEE_GUARD, Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    (
        "EMERGENCY_RELEASE",
        ("紧急疏散，请立即通行。", "Emergency: please leave at once."),
        ("紧急释放中，所有人均可通行。", "Emergency release: everyone passes."),
        ("通行点处于紧急释放状态。", "The access point was under emergency release."),
    ),
    (
        "LOCKDOWN",
        ("入口暂时关闭，请听从门岗安排。", "This entry is closed for now. Please follow the guard."),
        ("封控中（{hold}，{origin}）：禁止进入，可以外出。", "Lockdown ({hold}, {origin}): no entry, leaving is free."),
        ("封控 {hold}（来源 {origin}）禁止进入。", "Lockdown hold {hold} (origin {origin}) barred the entry."),
    ),
    (
        "LOCKDOWN_OVERRIDDEN",
        ("封控中，请注意安全。", "Lockdown in force. Please take care."),
        ("封控中放行：此人在例外名单。", "Passed under lockdown: the holder may override."),
        ("封控 {hold} 期间按策略例外放行。", "Passed under lockdown hold {hold} by the policy's override."),
    ),
    (
        "THREAT_LEVEL",
        ("入口暂时限制通行，请听从门岗安排。", "Entry is limited for now. Please follow the guard."),
        (
            "威胁等级 {level}：此人不在准入之列，不得进入，可以外出。",
            "Threat level {level}: not among those admitted. No entry, leaving is free.",
        ),
        ("威胁等级 {level} 期间，此人不在策略准入之列。", "At threat level {level} the policy admitted others only."),
    ),
    (
        "SECURED_BY_OPERATOR",
        ("入口暂时关闭，请听从门岗安排。", "This entry is closed for now. Please follow the guard."),
        (
            "操作员 {origin} 已锁闭此入口至 {until}（{order}）：禁止进入，可以外出。",
            "Secured by {origin} until {until} ({order}): no entry, leaving is free.",
        ),
        ("指令 {order}（来源 {origin}）锁闭入口。", "Order {order} (origin {origin}) secured the entry."),
    ),
    (
        "SECURED_OVERRIDDEN",
        ("此入口已锁闭，请注意安全。", "This entry is secured. Please take care."),
        ("锁闭期间放行：此人在例外名单。", "Passed though secured: the holder may override."),
        ("指令 {order} 锁闭期间按策略例外放行。", "Passed under order {order} by the policy's override."),
    ),
    (
        "NO_POLICY_IN_FORCE",
        SEE_GUARD,
        ("本站点当前没有生效的策略。", "No policy is in force at this site."),
        ("决定时没有生效的策略。", "No policy was in force at the time."),
    ),
    (
        "ACCESS_POINT_FOREIGN",
        SEE_GUARD,
        ("此通行点不属于本站点。", "This access point does not belong to this site."),
        ("通行点不在本站点的方案中。", "The access point is not part of the site's plan."),
    ),
    (
        "ACCESS_POINT_UNDEFINED",
        SEE_GUARD,
        ("此通行点的方向、类别或要求未设置。", "Direction, class or requirement of this access point is not set."),
        ("通行点定义不完整。", "The access point is not fully described."),
    ),
    (
        "ACCESS_POINT_CLOSED",
        ("此门已关闭。", "This gate is closed."),
        ("此门按规定关闭。", "This gate is closed by date."),
        ("通行点在关闭期内。", "The access point was inside a closure."),
    ),
    (
        "ACCESS_POINT_HOURS",
        ("此门现在不开放。", "This gate is not open now."),
        ("不在此门开放时间内。", "Outside this gate's opening hours."),
        ("不在通行点开放时间内。", "Outside the access point's opening hours."),
    ),
    (
        "CLASS_NOT_ALLOWED",
        ("此通道不适用，请换其他通道。", "This lane is not for you. Please use another one."),
        ("通行者类别与通道类别不符。", "The lane's class does not admit this kind of traffic."),
        ("通道类别不接纳此通行者。", "The access point class does not admit the subject."),
    ),
    (
        "SYSTEM_FAULT",
        SEE_GUARD,
        ("系统故障，请人工处理。", "System fault: please decide by hand."),
        ("系统故障，未能作出判断。", "A fault kept the rules from judging."),
    ),
    (
        "EDGE_EMPTY",
        SEE_GUARD,
        (
            "门口代理尚无此通行点的方案，请人工处理。",
            "The gate holds no plan for this access point: please decide by hand.",
        ),
        (
            "门口代理没有此通行点的方案，未按规则判定。",
            "The gate held no plan for the access point and did not go by the rules.",
        ),
    ),
    (
        "EDGE_STALE",
        SEE_GUARD,
        ("门口代理的数据已过期，请人工处理。", "What the gate holds is too old: please decide by hand."),
        (
            "门口代理的副本超过期限，未按规则判定。",
            "The gate's copy was past its bound, and it did not go by the rules.",
        ),
    ),
    (
        "AGENT_STOPPED",
        SEE_GUARD,
        ("门口代理在判定前中止，请重新刷卡。", "The gate stopped before it decided: please present again."),
        ("门口代理在判定前中止，门未打开。", "The gate stopped before it decided; nothing opened."),
    ),
    (
        "INTERLOCK_OPEN",
        ("请等另一道门关闭。", "Please wait for the other door to close."),
        ("互锁：{door} 未关闭。", "Interlock: {door} is open."),
        ("互锁门 {door} 打开。", "Interlock door {door} was open."),
    ),
)
