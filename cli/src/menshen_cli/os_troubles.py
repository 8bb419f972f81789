"""Why the operating system would not read or write a file, in both languages: its own words are in the machine's."""

import errno
from pathlib import Path
from typing import Final

from menshen_cli.local.language import LocalError

_WORDS: Final = {
    errno.ENOENT: ("there is no such file or folder", "没有此文件或目录"),
    errno.ENOTDIR: ("a part of the path is no folder", "路径中有一段不是目录"),
    errno.EISDIR: ("it is a folder", "这是一个目录"),
    errno.EEXIST: ("it is there already", "已经存在"),
    errno.EACCES: ("no permission", "没有权限"),
    errno.EPERM: ("not permitted", "不允许此操作"),
    errno.ENOSPC: ("the disk is full", "磁盘已满"),
    errno.EDQUOT: ("the disk quota is used up", "磁盘配额已用完"),
    errno.EFBIG: ("the file would be too large", "文件将过大"),
    errno.EROFS: ("the disk is read-only", "磁盘为只读"),
    errno.EIO: ("the disk failed", "磁盘读写出错"),
    errno.ENAMETOOLONG: ("the name is too long", "名称过长"),
    errno.ELOOP: ("its links go round in a circle", "链接循环指向"),
    errno.EMFILE: ("too many files are open", "打开的文件过多"),
    errno.EXDEV: ("it is on another disk", "位于另一磁盘"),
}


def os_words(error: BaseException) -> tuple[str, str]:
    """In English and Chinese; the number and the system's words for what is rare, any other error in its own."""
    number = error.errno if isinstance(error, OSError) else None
    if number in _WORDS:
        return _WORDS[number]
    told = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return told, f"系统错误 {number}（{told}）" if number else told


def unreadable(error: OSError) -> LocalError:
    """For a file that cannot be read, by its name."""
    en, zh = os_words(error)
    name = error.filename if error.filename is not None else "-"
    return LocalError(f"cannot read {name}: {en}", f"无法读取 {name}：{zh}")


def no_text(file: Path, error: OSError | UnicodeDecodeError) -> LocalError:
    """For a file that is to be UTF-8 text and cannot be read, or is none."""
    if isinstance(error, OSError):
        return unreadable(error)
    return LocalError(f"cannot read {file} as UTF-8 text", f"无法以 UTF-8 读取 {file}")
