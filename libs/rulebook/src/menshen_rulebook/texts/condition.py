"""Reasons of conditions: facts, leave, company, anti-passback, occupancy."""

from typing import Final

from menshen_rulebook.texts.entry import SEE_GUARD, WELCOME, Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    (
        "FACT_BANNED",
        SEE_GUARD,
        ("不符合规定：{requirement}（{fact}）。", "Barred by {requirement} ({fact})."),
        ("{requirement}：存在被禁止的 {fact}。", "{requirement}: {fact} is present and barred."),
    ),
    (
        "FACT_ABSENT",
        SEE_GUARD,
        ("缺少 {requirement}（{fact}）。", "Missing: {requirement} ({fact})."),
        ("{requirement}：没有 {fact}。", "{requirement}: {fact} is absent."),
    ),
    (
        "FACT_UNKNOWN",
        SEE_GUARD,
        ("无法确认 {fact}，请核对。", "{fact} is not known: please check."),
        ("{fact} 未知。", "{fact} is unknown."),
    ),
    (
        "FACT_SOURCE_STALE",
        WELCOME,
        ("{fact} 的数据源已过时，请酌情核对。", "The source of {fact} is out of date: check where needed."),
        ("{fact} 的数据源过时。", "The source of {fact} was stale."),
    ),
    (
        "FACT_REJECTED",
        SEE_GUARD,
        ("{requirement} 不符合要求（{fact}）。", "{requirement} is not met ({fact})."),
        ("{requirement}：{fact} 的值不被接受。", "{requirement}: the value of {fact} is not accepted."),
    ),
    (
        "FACT_TOO_OLD",
        SEE_GUARD,
        ("{requirement} 已超过时限（{fact}）。", "{requirement} is too old ({fact})."),
        ("{requirement}：{fact} 超过时限。", "{requirement}: {fact} is older than allowed."),
    ),
    (
        "FACT_NOT_IN_FORCE",
        SEE_GUARD,
        ("{requirement} 不在有效期内（{fact}）。", "{requirement} is not in force ({fact})."),
        ("{requirement}：{fact} 不在有效期内。", "{requirement}: {fact} is outside its validity."),
    ),
    (
        "LEAVE_OVERDUE",
        ("请假已逾期，请联系辅导员。", "Your leave is overdue. Please contact your counsellor."),
        ("请假逾期未销假（{ended_at}），请提醒。", "Leave overdue since {ended_at}: please remind."),
        ("请假于 {ended_at} 到期，未销假。", "The leave ended at {ended_at} and was not closed."),
    ),
    (
        "LEAVE_REPORT_BACK",
        ("欢迎返校，请及时销假。", "Welcome back. Please close your leave."),
        ("请假期间返校，请提醒销假。", "Back during leave: remind to close it."),
        ("请假进行中返校。", "Returned while the leave was running."),
    ),
    (
        "LEAVE_MISSING",
        ("外出需请假，请与门岗说明。", "Leaving needs an approved leave. Please speak with the guard."),
        ("没有进行中的请假，请谈话；不得阻拦。", "No running leave: speak with the student; never hold back."),
        ("封闭管理期间无请假外出。", "Left without a running leave under closed management."),
    ),
    (
        "LEAVE_NOT_CLOSED",
        ("请先销假。", "Please close your leave first."),
        ("未销假返校，请核对。", "Leave not closed: please check."),
        ("封闭管理期间未销假返校。", "Returned without a closed leave under closed management."),
    ),
    (
        "SECOND_PERSON_AWAITED",
        ("请第二人在 {seconds} 秒内刷卡。", "A second person must present a card within {seconds} seconds."),
        ("双人规则：等待第二人（{seconds} 秒）。", "Two-person rule: waiting {seconds} seconds for the second person."),
        ("双人规则：等待第二人。", "Two-person rule: the second person was awaited."),
    ),
    (
        "SECOND_PERSON_MISSING",
        ("需两人同时刷卡。", "Two people must present their cards."),
        ("双人规则：缺第二人。", "Two-person rule: the second person is missing."),
        ("双人规则未满足。", "The two-person rule was not met."),
    ),
    (
        "HOST_AWAITED",
        ("请接待人在 {seconds} 秒内刷卡。", "Your host must present a card within {seconds} seconds."),
        ("等待访客的接待人（{seconds} 秒）。", "Waiting {seconds} seconds for the visitor's host."),
        ("等待访客的接待人。", "The visitor's host was awaited."),
    ),
    (
        "HOST_MISSING",
        ("请由接待人陪同。", "Please enter together with your host."),
        ("访客无接待人陪同。", "The visitor's host is not present."),
        ("访客没有接待人陪同。", "The visitor came without the host."),
    ),
    (
        "FIRST_PERSON_MISSING",
        ("尚未开放，请稍候。", "Not open yet. Please wait."),
        ("负责人尚未到场开放。", "Nobody entitled has opened this area yet."),
        ("首人规则未满足。", "The first-person rule was not met."),
    ),
    (
        "ANTI_PASSBACK_IN",
        ("重复进入，请注意刷卡离开。", "Second entry: please present your card when you leave."),
        ("重复进：没有离开记录（{area}）。", "Second entry without an exit ({area})."),
        ("未离开 {area} 而再次进入（{mode}）。", "Entered {area} again without having left ({mode})."),
    ),
    (
        "ANTI_PASSBACK_AGAIN",
        ("刚从这里通行过，请稍后再试或联系门岗。", "You have just passed here. Please wait or ask the guard."),
        (
            "同一凭证刚从这里通行过：可能借证，请核对照片。",
            "The same credential has just passed here: compare the photo.",
        ),
        ("在 {access_point} 限定时间内重复通行。", "Passed {access_point} again within the time set for it."),
    ),
    (
        "ANTI_PASSBACK_OUT",
        ("没有进入记录，请注意刷卡进入。", "No entry on record: please present your card when you enter."),
        ("重复出：没有进入记录（{area}）。", "Exit without an entry ({area})."),
        ("未进入 {area} 而离开（{mode}）。", "Left {area} without having entered ({mode})."),
    ),
    (
        "AREA_FULL",
        ("人数已满（{count}/{limit}），请稍候。", "The area is full ({count} of {limit}). Please wait."),
        (
            "{area} 已满（{count}/{limit}），请等待有人离开。",
            "{area} is full ({count} of {limit}): wait for somebody to leave.",
        ),
        ("{area} 人数 {count}，达到上限 {limit}。", "{area} held {count} and had reached its limit of {limit}."),
    ),
)
