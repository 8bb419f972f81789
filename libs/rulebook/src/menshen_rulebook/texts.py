"""The table of reason texts: code, then (zh, en) for holder, guard and record."""

from typing import Final

Pair = tuple[str, str]

_SEE_GUARD: Final[Pair] = ("请联系门岗。", "Please see the guard.")
_WELCOME: Final[Pair] = ("请通行。", "Please pass.")
_OFFICE: Final[Pair] = (
    "此卡不能使用，请到保卫处窗口办理。",
    "This card cannot be used. Please go to the security office.",
)

_GATE: Final[tuple[tuple[str, Pair, Pair, Pair], ...]] = (
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
        "NO_POLICY_IN_FORCE",
        _SEE_GUARD,
        ("本站点当前没有生效的策略。", "No policy is in force at this site."),
        ("决定时没有生效的策略。", "No policy was in force at the time."),
    ),
    (
        "ACCESS_POINT_FOREIGN",
        _SEE_GUARD,
        ("此通行点不属于本站点。", "This access point does not belong to this site."),
        ("通行点不在本站点的方案中。", "The access point is not part of the site's plan."),
    ),
    (
        "ACCESS_POINT_UNDEFINED",
        _SEE_GUARD,
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
        _SEE_GUARD,
        ("系统故障，请人工处理。", "System fault: please decide by hand."),
        ("系统故障，未能作出判断。", "A fault kept the rules from judging."),
    ),
    (
        "INTERLOCK_OPEN",
        ("请等另一道门关闭。", "Please wait for the other door to close."),
        ("互锁：{door} 未关闭。", "Interlock: {door} is open."),
        ("互锁门 {door} 打开。", "Interlock door {door} was open."),
    ),
)

_CREDENTIAL: Final[tuple[tuple[str, Pair, Pair, Pair], ...]] = (
    (
        "CREDENTIAL_MISSING",
        ("请出示凭证。", "Please present a credential."),
        ("没有读到凭证。", "No credential was read."),
        ("未出示凭证。", "No credential was presented."),
    ),
    (
        "CREDENTIAL_UNKNOWN",
        ("未识别，请到门岗登记。", "Not recognised. Please register with the guard."),
        (
            "凭证未登记，请登记或走访客流程。",
            "The credential is not registered: register or follow the visitor procedure.",
        ),
        ("凭证未登记。", "The credential is not registered."),
    ),
    (
        "CREDENTIAL_INACTIVE",
        ("此卡尚未启用，请到保卫处窗口办理。", "This card is not active. Please go to the security office."),
        ("凭证未启用。", "The credential is not active."),
        ("凭证状态：未启用。", "Credential state: inactive."),
    ),
    (
        "CREDENTIAL_NOT_YET_VALID",
        ("此凭证尚未生效。", "This credential is not valid yet."),
        ("凭证尚未生效。", "The credential is not valid yet."),
        ("早于凭证有效期。", "Before the credential's validity."),
    ),
    (
        "CREDENTIAL_EXPIRED",
        ("此凭证已过期，请到保卫处窗口办理。", "This credential has expired. Please go to the security office."),
        ("凭证已过期（{ended_at}）。", "The credential has expired ({ended_at})."),
        ("凭证有效期止于 {ended_at}。", "The credential's validity ended at {ended_at}."),
    ),
    (
        "CREDENTIAL_SUSPENDED",
        _OFFICE,
        ("凭证已停用。", "The credential is suspended."),
        ("凭证状态：停用。", "Credential state: suspended."),
    ),
    (
        "CREDENTIAL_LOST",
        ("此卡已挂失，请到保卫处窗口办理。", "This card was reported lost. Please go to the security office."),
        ("此卡已挂失，请核对持卡人身份。", "This card was reported lost: check who holds it."),
        ("凭证状态：挂失。", "Credential state: lost."),
    ),
    (
        "CREDENTIAL_STOLEN",
        _SEE_GUARD,
        ("此卡报失窃，请核对持卡人身份并报告。", "This card was reported stolen: check who holds it and report."),
        ("凭证状态：失窃。", "Credential state: stolen."),
    ),
    (
        "CREDENTIAL_REPLACED",
        ("此卡已换新，请使用新卡。", "This card was replaced. Please use the new one."),
        ("旧卡，已换新。", "An old card that was replaced."),
        ("凭证状态：已更换。", "Credential state: replaced."),
    ),
    (
        "CREDENTIAL_RETURNED",
        _OFFICE,
        ("此凭证已交回，不应再使用。", "This credential was handed back and should not be in use."),
        ("凭证状态：已交回。", "Credential state: returned."),
    ),
    (
        "CREDENTIAL_DESTROYED",
        _OFFICE,
        ("此凭证已销毁，疑为复制。", "This credential was destroyed: it may be a copy."),
        ("凭证状态：已销毁。", "Credential state: destroyed."),
    ),
    (
        "CREDENTIAL_USED",
        ("此码已使用。", "This code has been used."),
        ("一次性凭证已使用。", "The single-use credential has been used."),
        ("一次性凭证已使用。", "The single-use credential had been used."),
    ),
    (
        "TAG_CLONED",
        _SEE_GUARD,
        (
            "标签芯片号与登记不符，疑为复制标签，请核查车辆。",
            "The tag's chip differs from the one registered: check the vehicle.",
        ),
        ("EPC 相同而 TID 不同。", "Same EPC, other TID."),
    ),
    (
        "PIN_REQUIRED",
        ("请刷卡并输入密码。", "Please present the card and enter the PIN."),
        ("需要密码，未输入。", "A PIN is required and was not entered."),
        ("未输入密码。", "No PIN was entered."),
    ),
    (
        "PIN_NOT_SET",
        ("请先设置密码。", "Please set a PIN first."),
        ("需要密码，持卡人未设置。", "A PIN is required and the holder has none."),
        ("持卡人未设置密码。", "The holder has no PIN."),
    ),
    (
        "PIN_WRONG",
        ("密码错误。", "Wrong PIN."),
        ("密码错误。", "Wrong PIN."),
        ("密码错误。", "Wrong PIN."),
    ),
    (
        "PIN_UNVERIFIABLE",
        ("暂时无法核对密码，请联系门岗。", "The PIN cannot be checked now. Please see the guard."),
        ("离线，无法核对密码。", "Offline: the PIN cannot be checked."),
        ("密码无法核对。", "The PIN could not be verified."),
    ),
    (
        "DURESS",
        _WELCOME,
        _WELCOME,
        ("使用了胁迫密码，已静默报警。", "The duress PIN was used; a silent alarm was raised."),
    ),
)

_RIGHT: Final[tuple[tuple[str, Pair, Pair, Pair], ...]] = (
    (
        "BLACKLISTED",
        _SEE_GUARD,
        (
            "名单人员（{reason_code}），请按规定处置，不得限制人身自由。",
            "Listed ({reason_code}): follow the procedure; never detain.",
        ),
        ("在黑名单内，原因 {reason_code}。", "On the black list, reason {reason_code}."),
    ),
    (
        "WHITELISTED",
        _WELCOME,
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
        ("没有任何权限组包含此通行点。", "No access level of the subject covers the access point."),
    ),
    (
        "ACCESS_LEVEL_EXPIRED",
        ("此门的通行权限已到期。", "Your access right here has ended."),
        ("通行权限已到期。", "The access level's assignment has ended."),
        ("权限组授予已到期。", "The assignment of the access level had ended."),
    ),
    (
        "ACCESS_LEVEL_NOT_YET",
        ("此门的通行权限尚未开始。", "Your access right here has not started."),
        ("通行权限尚未开始。", "The access level's assignment has not started."),
        ("早于权限组授予时间。", "Before the assignment of the access level."),
    ),
    (
        "OUTSIDE_SCHEDULE",
        ("现在不在您的通行时间内。", "Outside your hours of access."),
        ("不在权限组的时间表内。", "Outside the access level's schedule."),
        ("权限组有效，但不在其时间表内。", "The access level holds, but not at this hour."),
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
        "PLATE_MISMATCH",
        _SEE_GUARD,
        ("车牌不符：登记 {registered}，识别 {seen}。", "Plates differ: registered {registered}, seen {seen}."),
        ("识别车牌与登记车牌不符。", "The plate seen differs from the plate registered."),
    ),
)

_CONDITION: Final[tuple[tuple[str, Pair, Pair, Pair], ...]] = (
    (
        "FACT_BANNED",
        _SEE_GUARD,
        ("不符合规定：{requirement}（{fact}）。", "Barred by {requirement} ({fact})."),
        ("{requirement}：存在被禁止的 {fact}。", "{requirement}: {fact} is present and barred."),
    ),
    (
        "FACT_ABSENT",
        _SEE_GUARD,
        ("缺少 {requirement}（{fact}）。", "Missing: {requirement} ({fact})."),
        ("{requirement}：没有 {fact}。", "{requirement}: {fact} is absent."),
    ),
    (
        "FACT_UNKNOWN",
        _SEE_GUARD,
        ("无法确认 {fact}，请核对。", "{fact} is not known: please check."),
        ("{fact} 未知。", "{fact} is unknown."),
    ),
    (
        "FACT_SOURCE_STALE",
        _WELCOME,
        ("{fact} 的数据源已过时，请酌情核对。", "The source of {fact} is out of date: check where needed."),
        ("{fact} 的数据源过时。", "The source of {fact} was stale."),
    ),
    (
        "FACT_REJECTED",
        _SEE_GUARD,
        ("{requirement} 不符合要求（{fact}）。", "{requirement} is not met ({fact})."),
        ("{requirement}：{fact} 的值不被接受。", "{requirement}: the value of {fact} is not accepted."),
    ),
    (
        "FACT_TOO_OLD",
        _SEE_GUARD,
        ("{requirement} 已超过时限（{fact}）。", "{requirement} is too old ({fact})."),
        ("{requirement}：{fact} 超过时限。", "{requirement}: {fact} is older than allowed."),
    ),
    (
        "FACT_NOT_IN_FORCE",
        _SEE_GUARD,
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
        "SECOND_PERSON_MISSING",
        ("需两人同时刷卡。", "Two people must present their cards."),
        ("双人规则：缺第二人。", "Two-person rule: the second person is missing."),
        ("双人规则未满足。", "The two-person rule was not met."),
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
        "ANTI_PASSBACK_OUT",
        ("没有进入记录，请注意刷卡进入。", "No entry on record: please present your card when you enter."),
        ("重复出：没有进入记录（{area}）。", "Exit without an entry ({area})."),
        ("未进入 {area} 而离开（{mode}）。", "Left {area} without having entered ({mode})."),
    ),
    (
        "AREA_FULL",
        ("人数已满，请稍候。", "The area is full. Please wait."),
        ("{area} 已满（上限 {limit}）。", "{area} is full (limit {limit})."),
        ("{area} 达到人数上限 {limit}。", "{area} had reached its limit of {limit}."),
    ),
)

ENTRIES: Final = (*_GATE, *_CREDENTIAL, *_RIGHT, *_CONDITION)
