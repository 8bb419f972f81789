"""What a service refuses, in the words it has for people: a sentence, and each field at fault on a line of its own."""

import grpc
from menshen_servicekit.status import DomainError, domain_error_of

from menshen_cli.local.language import LocalError


def refusal_text(error: DomainError) -> tuple[str, str]:
    """A refusal in English and Chinese, with the fields at fault."""
    en, zh = [error.message_en], [error.message_zh]
    for field in error.fields:
        en.append(f"  {field.path}: {field.message_en}" if field.path else f"  {field.message_en}")
        zh.append(f"  {field.path}：{field.message_zh}" if field.path else f"  {field.message_zh}")
    return "\n".join(en), "\n".join(zh)


def refusal_of(service: str, error: grpc.aio.AioRpcError) -> LocalError:
    """What a service answered instead of doing what it was asked, and which service it was."""
    en, zh = refusal_text(domain_error_of(error))
    return LocalError(f"{service}: {en}", f"{service}：{zh}")
