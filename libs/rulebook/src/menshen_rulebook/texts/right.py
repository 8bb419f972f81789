"""Reasons of the right to enter: lists, visits, access levels, permits."""

from typing import Final

from menshen_rulebook.texts.entry import SEE_GUARD, WELCOME, Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    (
        "BLACKLISTED",
        SEE_GUARD,
        (
            "名单人员（{reason_code}），请按规定处置，不得限制人身自由。",
            "Listed ({reason_code}): follow the procedure; never detain.",
        ),
        ("在黑名单内，原因 {reason_code}。", "On the black list, reason {reason_code}."),
    ),
    (
        "WHITELISTED",
        WELCOME,
        ("白名单人员。", "On the white list."),
        ("按白名单豁免部分规则。", "The white list waived a rule."),
    ),
    (
        "VISIT_MISSING",
        ("没有来访预约，请到门岗登记。", "No visit is announced. Please register with the guard."),
        ("没有来访预约。", "No visit is announced."),
        ("没有来访预约。", "No visit was announced."),
    ),
    (
        "VISIT_UNANNOUNCED",
        ("没有来访预约，请稍候，门岗将核实。", "No visit is announced. Please wait while the guard checks."),
        (
            "没有来访预约：核实求助中心的来电记录，填写记录编号后方可放行。",
            "No visit is announced: check the help centre's call record; pass only with its number.",
        ),
        ("没有来访预约，按来电记录人工处理。", "No visit was announced; left to the guard and the call record."),
    ),
    (
        "VISIT_NOT_APPROVED",
        ("来访预约未通过或已取消。", "The visit is not approved or was cancelled."),
        ("来访预约未通过或已取消。", "The visit is not approved or was cancelled."),
        ("来访预约不是可用状态。", "The visit was in no usable state."),
    ),
    (
        "VISIT_NOT_YET",
        ("未到预约时间。", "Your visit has not started."),
        ("未到预约时间。", "The visit's window has not opened."),
        ("早于来访时间窗。", "Before the visit's window."),
    ),
    (
        "VISIT_OVER",
        ("预约时间已过。", "Your visit is over."),
        ("预约时间已过（{ended_at}）。", "The visit's window ended at {ended_at}."),
        ("晚于来访时间窗（{ended_at}）。", "After the visit's window ({ended_at})."),
    ),
    (
        "VISIT_OVERSTAYED",
        ("预约时间已过，感谢来访。", "Your visit is over. Thank you for coming."),
        ("访客超时离校（{ended_at}）。", "The visitor leaves after the window ({ended_at})."),
        ("超过来访时间窗离校（{ended_at}）。", "Left after the visit's window ({ended_at})."),
    ),
    (
        "VISIT_WRONG_SITE",
        ("预约的不是本校区。", "Your visit is for another campus."),
        ("预约校区：{site}。", "The visit is for campus {site}."),
        ("来访预约属于校区 {site}。", "The visit is for site {site}."),
    ),
    (
        "VISIT_WRONG_ACCESS_POINT",
        ("请从预约的校门进入。", "Please enter by the gate of your visit."),
        ("预约的不是此门。", "The visit is for another gate."),
        ("通行点不在来访预约内。", "The access point is not part of the visit."),
    ),
    (
        "VISIT_USED",
        ("预约已使用。", "This visit has been used."),
        ("单次来访已使用。", "The single-entry visit has been used."),
        ("单次来访已使用。", "The single-entry visit had been used."),
    ),
    (
        "NO_ACCESS_LEVEL",
        ("没有此门的通行权限。", "You have no access right here."),
        ("没有此通行点的权限。", "No access level covers this access point."),
        ("没有任何通行级别包含此通行点。", "No access level of the subject covers the access point."),
    ),
    (
        "ACCESS_LEVEL_EXPIRED",
        ("此门的通行权限已到期。", "Your access right here has ended."),
        ("通行权限已到期。", "The access level's assignment has ended."),
        ("通行级别的授权已到期。", "The assignment of the access level had ended."),
    ),
    (
        "ACCESS_LEVEL_NOT_YET",
        ("此门的通行权限尚未开始。", "Your access right here has not started."),
        ("通行权限尚未开始。", "The access level's assignment has not started."),
        ("早于通行级别的授权时间。", "Before the assignment of the access level."),
    ),
    (
        "OUTSIDE_SCHEDULE",
        ("现在不在您的通行时间内。", "Outside your hours of access."),
        ("不在通行级别的时间表内。", "Outside the access level's schedule."),
        ("通行级别有效，但不在其时间表内。", "The access level holds, but not at this hour."),
    ),
    (
        "PERMIT_MISSING",
        ("车辆未登记通行证。", "The vehicle has no permit."),
        ("车辆没有通行证。", "The vehicle has no permit."),
        ("车辆没有通行证。", "The vehicle has no permit."),
    ),
    (
        "PERMIT_PENDING",
        ("车辆通行证待审核。", "The vehicle's permit is not approved yet."),
        ("通行证待审核。", "The permit awaits approval."),
        ("通行证状态：待审核。", "Permit state: pending."),
    ),
    (
        "PERMIT_SUSPENDED",
        ("车辆通行证已暂停。", "The vehicle's permit is suspended."),
        ("通行证已暂停。", "The permit is suspended."),
        ("通行证状态：暂停。", "Permit state: suspended."),
    ),
    (
        "PERMIT_REVOKED",
        ("车辆通行证已取消。", "The vehicle's permit was revoked."),
        ("通行证已取消。", "The permit was revoked."),
        ("通行证状态：取消。", "Permit state: revoked."),
    ),
    (
        "PERMIT_EXPIRED",
        ("车辆通行证已过期。", "The vehicle's permit has expired."),
        ("通行证已过期（{ended_at}）。", "The permit has expired ({ended_at})."),
        ("通行证有效期止于 {ended_at}。", "The permit's validity ended at {ended_at}."),
    ),
    (
        "PERMIT_NOT_YET",
        ("车辆通行证尚未生效。", "The vehicle's permit is not valid yet."),
        ("通行证尚未生效。", "The permit is not valid yet."),
        ("早于通行证有效期。", "Before the permit's validity."),
    ),
    (
        "FEE_DUE",
        ("请通行，收费标准：{tariff_zh}。", "Please pass. Fee: {tariff_en}."),
        ("收费（{fee}）：{tariff_zh}。", "Fee due ({fee}): {tariff_en}."),
        ("应缴费用 {fee}：{tariff_zh}。", "Fee {fee} was due: {tariff_en}."),
    ),
    (
        "FEE_WAIVED",
        ("请通行，免收费用。", "Please pass. No fee is due."),
        ("免费（{fee}），依据 {fact}。", "Fee waived ({fee}) by {fact}."),
        ("费用 {fee} 按 {fact} 免收。", "Fee {fee} was waived by {fact}."),
    ),
    (
        "PLATE_MISMATCH",
        SEE_GUARD,
        ("车牌不符：登记 {registered}，识别 {seen}。", "Plates differ: registered {registered}, seen {seen}."),
        ("识别车牌与登记车牌不符。", "The plate seen differs from the plate registered."),
    ),
)
