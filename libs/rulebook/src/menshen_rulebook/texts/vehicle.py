"""Reasons of vehicles: bans, plates that are not there, drivers, parking."""

from typing import Final

from menshen_rulebook.texts.entry import SEE_GUARD, Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    (
        "VEHICLE_SUSPENDED",
        ("此车暂停入校。", "This vehicle may not enter for a time."),
        (
            "车辆暂停入校至 {until}，原因 {reason_code}。",
            "The vehicle may not enter until {until}, reason {reason_code}.",
        ),
        (
            "车辆被暂停入校，至 {until}，原因 {reason_code}。",
            "The vehicle was suspended until {until}, reason {reason_code}.",
        ),
    ),
    (
        "VEHICLE_AWAITS_TEST",
        ("请先通过交通安全测试。", "Please pass the traffic safety test first."),
        (
            "暂停期已满，车主尚未通过测试（{reason_code}）。",
            "The suspension is over; its test has not been passed ({reason_code}).",
        ),
        (
            "暂停期已满（{reason_code}），待测试通过。",
            "The suspension ({reason_code}) was over and its test not passed.",
        ),
    ),
    (
        "PLATE_ABSENT",
        SEE_GUARD,
        (
            "登记车牌 {registered}，现场无牌，请核对。",
            "Registered as {registered}, seen without a plate: please check.",
        ),
        ("车辆登记有号牌，识别为无牌。", "The vehicle is registered with a plate and was seen without one."),
    ),
    (
        "VEHICLE_UNPLATED",
        SEE_GUARD,
        ("无牌车辆，请登记并发放临时票。", "A vehicle without a plate: register it and hand out a ticket."),
        ("无牌车辆，无法识别。", "A vehicle without a plate, known by nothing else."),
    ),
    (
        "DRIVER_AWAITED",
        ("请驾驶人在 {seconds} 秒内刷卡。", "The driver must present a card within {seconds} seconds."),
        ("等待驾驶人刷卡（{seconds} 秒）。", "Waiting {seconds} seconds for the driver's card."),
        ("等待驾驶人刷卡。", "The driver's card was awaited."),
    ),
    (
        "VEHICLE_AWAITED",
        ("请驶近识别区（{seconds} 秒内）。", "Please drive up to be read within {seconds} seconds."),
        ("已刷卡，等待识别车辆（{seconds} 秒）。", "A card was shown: waiting {seconds} seconds for the vehicle."),
        ("已刷卡，等待识别车辆。", "A card was shown and the vehicle was awaited."),
    ),
    (
        "DRIVER_MISSING",
        SEE_GUARD,
        ("驾驶人未刷卡，请核对。", "The driver showed no card: please check."),
        ("驾驶人未刷卡。", "The driver showed no card."),
    ),
    (
        "DRIVER_MISMATCH",
        SEE_GUARD,
        (
            "驾驶人 {driver} 不是车主 {owner}，也未获授权。",
            "The driver {driver} is neither the owner {owner} nor authorised.",
        ),
        ("驾驶人不是车主，也未获授权。", "The driver was neither the owner nor authorised."),
    ),
    (
        "PARKING_FULL",
        ("车位已满，请稍候。", "The car park is full. Please wait."),
        (
            "{area} 车位已满（{count}/{limit}，{parking}）。",
            "{area} is full for vehicles ({count} of {limit}, {parking}).",
        ),
        (
            "{area} 有车 {count}，达到上限 {limit}（{parking}）。",
            "{area} held {count} vehicles and had reached its limit of {limit} ({parking}).",
        ),
    ),
)
