"""What each type of a document means, in Chinese; the English is its docstring."""

from typing import Final

CHINESE: Final[dict[str, str]] = {
    "AccessLevel": "通行级别：一组通行点，各有其时间表。",
    "AccessPoint": (
        "通行点：穿过一扇门的一个方向，从一个区域到另一个区域。不写 schedule 即全天开放；redirec"
        "t 是本点关闭或不适用时指引前往的通行点，redirects 是其后的各点，由近及远，指引最先开放且适用"
        "的一个；escape 表示 INNER 通行点属于疏散路线，与出口同等对待；opened_by 是每天须"
        "有其中一人先到的组；second_within 是先到者等候第二人、访客等候陪同人的时长，0 为不等候。"
    ),
    "AccessPointClass": "通行点为何种通行而设：行人、非机动车、机动车、货运。",
    "Admitted": "威胁等级下仍可进入者：属于所列类别或组之一者。",
    "Admission": "某类通行点放行谁。与车辆一同出示的人随车放行。",
    "AntiPassbackMode": "未出而再次进入时：不管、提醒、拒绝、限时拒绝。",
    "Area": "区域：站点的一部分。parent 是外围区域，limit 是人数上限，timeout 之后不再视为重入。",
    "PointRule": "单个通行点的防重入：同一人在 timeout 内不得接连两次从这里通行；期间从别处通行过则不计。",
    "AreaRule": "策略对一个区域的设定，代替方案中的设定；未写的保持不变。",
    "CalendarDay": "日历中的一天（如 2026-10-01）：节假日或调休工作日。",
    "Closure": "通行点在 [from, to) 内关闭，redirect 是改走的通行点。",
    "Condition": "检验结果为 PRESENT 时成立；写 present: false 则在其他任何结果时成立。",
    "CredentialRequirement": "通行点要求出示什么：卡，或卡加密码。",
    "DayKind": "时间表所说的日子；日历把某日变为节假日或调休工作日。",
    "Direction": "通行点的方向。INNER 连接站点内的两个区域，按入口对待。",
    "Door": "门：实体。同一互锁组中同时最多一扇门打开。",
    "DriverCheck": (
        "驾驶人核对：驾驶人须与车辆标签或号牌一同出示车主或获授权者的卡。where 的 categories 与 groups 指车辆"
        "的；stranger 是他人驾驶时的判定结果，missing 是没有卡且不再等候时（出口，或没有 second_within"
        "）的判定结果。"
    ),
    "FactTest": (
        "对主体的事实或现场测量值的检验。accept 是可接受的值，留空即任何值；at_least、at_mos"
        "t 为数值界限，含界限本身；below 为上限，不含其值；max_age 从报告时间起算，含该时刻；ne"
        "west 只看已生效中最后报告的一条（现场测量值优先），否则多条中取最有利的；source 指明其停更有"
        "影响的数据来源。每条记录都有 vehicle.class、permit.state 与 subject."
        "category。"
    ),
    "FactSource": "事实来源；超过 silent_after 未报告任何人的任何事实，即视为停更。",
    "Fee": "通行费用：tariff 说明应付什么；同行主体之一满足 waived_by 时免收。",
    "GroupAssignment": "授权：组或类别中的每个人在 [from, to) 内拥有的通行级别。",
    "Hours": "通行点的开放时间，代替方案中的时间。",
    "Interval": "这些日子里按当地时间在 [opens, closes) 内开放。closes 早于 opens 时至次日为止。",
    "Leave": "校门处的学生请假：涉及哪些类别、状态由哪个事实给出、封闭模式下如何判定。",
    "LeaveMode": "请假如何影响校门：不影响、只提醒、按封闭管理执行。",
    "LevelEntry": "一个通行点及其时间；不写时间表即全天。",
    "ListEffects": "名单的作用：黑名单的判定结果，白名单可豁免的规则。",
    "Outcome": "判定结果，由轻到重；多个结果取最重者。",
    "Override": "封控时谁可通行。写 also_orders: true 时，也可通过操作员锁闭的入口。",
    "Parking": (
        "车位：区域（含其内各区域）容纳多少车辆，不计人。vehicle_class 只限一类车，不写则全部车辆合计；最后 r"
        "eserved 个车位留给 reserved_for 中的类别与组；redirects 是满位时改走的通行点，由近及远"
        "。"
    ),
    "PersonRule": "通行点要求几个人：一人、两名不同的人，或访客与接待人同行。",
    "Pins": (
        "密码：无法核验时的判定结果，连续输错多少次告警；输错 lock_out_after 次后该通行点暂停收取"
        "密码（0 为从不，出口从不），最后一次之后 forgotten_after 清零。"
    ),
    "Policy": "一份策略文档，在 [from, to) 内有效；两份同时有效时，开始较晚者生效。switched_off 列出整体停用的条款包。",
    "ReasonTexts": "一条理由给三类读者的句子：持卡人、门岗、记录。只写 zh 与 en 时三者相同。",
    "Reminder": "进出时给持卡人的一句提醒。",
    "Requirement": (
        "对一个事实的要求。redirects 是改走的通行点，由近及远；shared 把同行的车辆与驾驶人视为一"
        "体，取最有利的结果。pack 是条款所属的条款包。写了 code 与 texts 时使用策略自己的理由。禁令写作 rulings: {"
        "present: DENY, absent: GRANT, unknown: GRANT, stale:"
        " GRANT}。"
    ),
    "Reviews": "行人出口的复核如何结束，以及那里的拒绝变为什么：放行并告警，或复核。",
    "Rulings": "检验的每种结果带来的判定。rejected、too_old、not_in_force 未写时与 absent 相同。",
    "Schedule": (
        "时间表：每周的开放时段。遵循日历时，节假日只用写明 HOLIDAY 的时段，调休日用写明 MAKE_UP"
        "_WORKDAY 的时段，没有则用周一的时段。"
    ),
    "SitePlan": "站点方案：除主体与实时数据外，判定所依据的一切。每次变更版本递增。",
    "Text": "一句话的中英两种文字；占位符写在花括号中。",
    "Threat": (
        "自 where.threat_level 级起对进入者的要求，从不用于离开者。写了 admits 时其余的人不得进入；re"
        "quires 是在通行点本身的要求之外对人的要求。等级更高时，较低等级的条款仍然有效。"
    ),
    "Unlocked": (
        "在时间表开放时门保持开锁的通行点。after_first_person 为 true 时，须待当天首人（opened_by）到"
        "来之后。按日期、按时间或紧急关闭的通行点不开锁；同一扇门的另一入口关闭时也不开锁。封控与操作员的指令优"
        "先于时间表。"
    ),
    "VehicleClass": "车辆类型。",
    "Vehicles": (
        "哪些车辆须有通行证，哪些类别免证，车牌不符时的判定结果；unplated 是无牌且无法识别的车辆的判定结果；dri"
        "vers 中第一条涉及该车的条款生效。"
    ),
    "Visitors": (
        "按来访预约通行的类别，以及可比预约时段提前、推后多久进入；escorts 的成员可代替接待人陪同任何访客"
        "；unannounced 是没有预约时的判定。"
    ),
    "Where": (
        "条款适用于谁、何处；空集即全部。威胁等级低于 threat_level 时不起作用。areas 指通向这些区域或"
        "其内部区域的通行点。"
    ),
}
