"""Which PINs may be set."""

import re

from menshen_identity.domain.words import Fault, present

_PIN = re.compile(r"[0-9]{4,8}\Z")


def pin_faults(pin: str, duress_pin: str) -> tuple[Fault, ...]:
    """Every field that is wrong; both empty clears both. A duress PIN stands beside a PIN and differs from it."""
    return present(
        (
            _digits_fault("pin", pin),
            _digits_fault("duress_pin", duress_pin),
            Fault("duress_pin", "与密码不同的胁迫密码", "a duress PIN that differs from the PIN")
            if duress_pin and duress_pin == pin
            else None,
            Fault("pin", "设胁迫密码须同时设密码", "a PIN beside the duress PIN") if duress_pin and not pin else None,
        )
    )


def _digits_fault(field: str, pin: str) -> Fault | None:
    return None if not pin or _PIN.match(pin) else Fault(field, "4 至 8 位数字,或留空", "4 to 8 digits, or empty")
