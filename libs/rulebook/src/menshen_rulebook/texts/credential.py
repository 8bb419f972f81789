"""Reasons of what was presented: cards, codes, tags, PINs."""

from typing import Final

from menshen_rulebook.texts.entry import OFFICE, SEE_GUARD, WELCOME, Entry

ENTRIES: Final[tuple[Entry, ...]] = (
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
        OFFICE,
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
        SEE_GUARD,
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
        OFFICE,
        ("此凭证已交回，不应再使用。", "This credential was handed back and should not be in use."),
        ("凭证状态：已交回。", "Credential state: returned."),
    ),
    (
        "CREDENTIAL_DESTROYED",
        OFFICE,
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
        SEE_GUARD,
        (
            "标签芯片号与登记不符，疑为复制标签，请核查车辆。",
            "The tag's chip differs from the one registered: check the vehicle.",
        ),
        ("EPC 相同而 TID 不同。", "Same EPC, other TID."),
    ),
    (
        "CODE_AWAITED",
        ("请在 {seconds} 秒内出示卡和码。", "Please show both card and code within {seconds} seconds."),
        ("卡加码：等待另一项（{seconds} 秒）。", "Card and code: waiting {seconds} seconds for the other one."),
        ("卡加码：等待另一项。", "Card and code: the other one was awaited."),
    ),
    (
        "CODE_MISSING",
        ("请出示卡和码。", "Please show both card and code."),
        ("需要卡和码，缺一项。", "Card and code are required; one is missing."),
        ("卡或码缺一项。", "Card or code was missing."),
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
        "PIN_LOCKED_OUT",
        ("密码输入已暂停，请稍后再试或联系门岗。", "PIN entry is paused. Please try later or see the guard."),
        ("密码多次错误，此门暂停输入密码。", "Too many wrong PINs: this access point takes none for now."),
        ("密码错误次数过多，暂停输入。", "PIN entry was locked out after too many wrong attempts."),
    ),
    (
        "PIN_UNVERIFIABLE",
        ("暂时无法核对密码，请联系门岗。", "The PIN cannot be checked now. Please see the guard."),
        ("离线，无法核对密码。", "Offline: the PIN cannot be checked."),
        ("密码无法核对。", "The PIN could not be verified."),
    ),
    (
        "DURESS",
        WELCOME,
        WELCOME,
        ("使用了胁迫密码，已静默报警。", "The duress PIN was used; a silent alarm was raised."),
    ),
)
