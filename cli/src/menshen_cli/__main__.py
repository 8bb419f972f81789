"""The `menshen` command: a table of subcommands, each in a module of its own that is imported when it is called."""

import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from menshen_cli.local.language import LocalError, pick


@dataclass(frozen=True)
class Subcommand:
    """`module` exposes `app`, a Typer application."""

    name: str
    module: str
    en: str
    zh: str


SUBCOMMANDS = (
    Subcommand("demo", "menshen_cli.demo.command", "play the scripted morning and check it", "演示并核对脚本化的早晨"),
    Subcommand("up", "menshen_cli.up", "run the suite until Ctrl-C", "运行整套系统，直到 Ctrl-C"),
    Subcommand("doctor", "menshen_cli.doctor", "what this machine has and lacks", "检查本机环境"),
    Subcommand("guard", "menshen_cli.guard", "a guard's post: reviews and alarms", "门岗：复核与告警"),
    Subcommand("explain", "menshen_cli.explain", "why a decision was made", "解释一次判定"),
    Subcommand("events", "menshen_cli.events", "recorded events, by what is asked", "按条件查询事件"),
    Subcommand(
        "follow", "menshen_cli.follow", "the event feed into a file, each event once", "事件持续写入文件，不重不漏"
    ),
    Subcommand("export", "menshen_cli.export", "the history of a campus into a file", "导出校区历史记录"),
    Subcommand("verify", "menshen_cli.verify", "check an exported history, offline", "离线验证导出的历史记录"),
    Subcommand("who-can-pass", "menshen_cli.who_can_pass", "who would pass an access point", "谁可通过某通行点"),
    Subcommand(
        "where-can-pass", "menshen_cli.where_can_pass", "where and when a subject would pass", "某主体何处何时可通行"
    ),
    Subcommand(
        "access-review", "menshen_cli.access_review", "who passes where, and by what", "权限复核：何人何处凭何通行"
    ),
    Subcommand("what-if", "menshen_cli.what_if", "what a policy would change for whom", "推演策略将带来的变化"),
    Subcommand("shadow", "menshen_cli.shadow", "run a policy beside the one in force", "策略影子运行"),
    Subcommand("forecast", "menshen_cli.forecast", "whose ways end within days", "预报即将到期的通行"),
    Subcommand("muster", "menshen_cli.muster", "who is in an area", "清点区域内人员"),
    Subcommand("report", "menshen_cli.report", "counts from the history", "由历史记录统计的报表"),
    Subcommand("alarms", "menshen_cli.alarms", "the control room's alarms", "中控室：告警"),
    Subcommand("door", "menshen_cli.door", "open once, hold open, secure, restore", "单次开门、保持开放、锁闭、恢复"),
    Subcommand("reset", "menshen_cli.reset", "end an emergency release on the spot", "现场复位紧急释放"),
    Subcommand("import", "menshen_cli.importing", "import cardholders or vehicles from CSV", "从 CSV 导入持卡人或车辆"),
    Subcommand(
        "credential", "menshen_cli.credential", "cards, loan cards and codes of people", "发卡、挂失、补换、临时卡与码"
    ),
    Subcommand("policy", "menshen_cli.policy_life", "check policies, and take them into force", "检查策略，使其生效"),
    Subcommand("plan", "menshen_cli.plan", "put plan documents, and approve them", "提交并批准方案文档"),
    Subcommand("replay", "menshen_cli.replay", "decide a file of the past again", "按方案与策略回放通行记录"),
    Subcommand("tripwire", "menshen_cli.tripwire", "changes after which refusals jumped", "拒绝骤增的变更"),
    Subcommand("rollback", "menshen_cli.rollback", "take the last policy back", "回退最近一次策略"),
    Subcommand("lockdown", "menshen_cli.lockdown", "bar entries, and let go of them", "封控入口与解除封控"),
    Subcommand("threat", "menshen_cli.threat", "threat levels of a campus and its areas", "校区与区域的威胁等级"),
    Subcommand("retention", "menshen_cli.retention", "what was deleted, and legal holds", "到期删除与记录保全"),
    Subcommand("backup", "menshen_cli.backup", "the database, and what is written after it", "备份数据库及其后的写入"),
    Subcommand("restore", "menshen_cli.restore", "the database as it was at an instant", "将数据库恢复到某一时刻"),
    Subcommand("pki", "menshen_cli.pki", "development certificates", "开发用证书"),
)
USAGE_STATUS, TROUBLE_STATUS = 2, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the subcommand named first; the process's exit status. Typer commands may exit by themselves."""
    name, *rest = [*(sys.argv[1:] if arguments is None else arguments), ""]
    subcommand = next((entry for entry in SUBCOMMANDS if entry.name == name), None)
    if subcommand is None:
        return _show_usage(name)
    try:
        app = importlib.import_module(subcommand.module).app
        app(args=rest[:-1], prog_name=f"menshen {name}")
    except LocalError as trouble:
        sys.stderr.write(f"menshen {name}: {trouble}\n")
        return TROUBLE_STATUS
    return 0


def _show_usage(name: str) -> int:
    asked = name in ("", "-h", "--help", "help")
    out = sys.stdout if asked else sys.stderr
    if not asked:
        out.write(pick(f"menshen: there is no command {name!r}\n", f"menshen：没有命令 {name!r}\n"))
    out.write(pick("Usage: menshen COMMAND [--help]\n\n", "用法：menshen 命令 [--help]\n\n"))
    for entry in SUBCOMMANDS:
        out.write(f"  {entry.name:<14}{pick(entry.en, entry.zh)}\n")
    return 0 if asked else USAGE_STATUS


if __name__ == "__main__":
    sys.exit(main())
