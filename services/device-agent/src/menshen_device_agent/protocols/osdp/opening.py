"""From the first poll to the secure channel: what each state sends and which reply leads on."""

from collections.abc import Callable, Mapping

from .events import Alarm
from .frame import Frame, Scs, SecurityBlock, encode
from .handshake import Handshake
from .messages import (
    AnyCommand,
    AskCapabilities,
    AskInputs,
    AskLocalStatus,
    AskOutputs,
    Identify,
    Poll,
    ServerCryptogram,
)
from .replies import Ack, Card, Function, Inputs, Keypad, LocalStatus, Message, Outputs, PdCap, PdId, Readers
from .secure_channel import KeyKind, SecureChannel
from .states import Signal, State

_GREETINGS = (Ack, LocalStatus, Inputs, Outputs, Readers)


class Opening:
    """One opening after another with the same PD. `channel` and `capabilities` are those of the current one."""

    def __init__(self, handshake: Handshake) -> None:
        self._handshake = handshake
        self._proof = ServerCryptogram(b"")
        self.channel: SecureChannel | None = None
        self.capabilities = PdCap(())

    def reset(self) -> None:
        self.channel = None
        self.capabilities = PdCap(())

    def command(self, state: State) -> AnyCommand | Alarm:
        match state:
            case State.IDENTIFY:
                return Identify()
            case State.CAPABILITIES:
                return AskCapabilities()
            case State.CHALLENGE:
                return self._handshake.begin()
            case State.CRYPTOGRAM:
                return self._proof
            case _:
                return Poll()

    def wire(self, state: State, address: int, sequence: int, command: AnyCommand) -> bytes:
        """The command's frame: inside the channel once there is one. Call once per command, not per try."""
        if self.channel is not None:
            return self.channel.seal(address, sequence, command.code, command.payload())
        return encode(address, sequence, command.code, command.payload(), security=self._block(state))

    def _block(self, state: State) -> SecurityBlock | None:
        match state:
            case State.CHALLENGE:
                return self._handshake.command_block(Scs.CHALLENGE)
            case State.CRYPTOGRAM:
                return self._handshake.command_block(Scs.SERVER_CRYPTOGRAM)
            case _:
                return None

    def questions(self) -> list[AnyCommand]:
        """What to ask a PD that has come online: a PD tells changes only, so the first state must be asked for."""
        asked: list[AnyCommand] = [AskLocalStatus()]
        if self.capabilities.of(Function.INPUTS).count:
            asked.append(AskInputs())
        if self.capabilities.of(Function.OUTPUTS).count:
            asked.append(AskOutputs())
        return asked

    def judge(self, state: State, reply: Frame, message: Message) -> Signal | Alarm:
        """The verdict on a reply that is neither NAK nor BUSY."""
        return _JUDGES[state](self, reply, message)

    def _greeted(self, _reply: Frame, message: Message) -> Signal | Alarm:
        """Status sent in the clear is left unread; a card or a PIN in the clear is a breach."""
        if isinstance(message, Card | Keypad):
            return Alarm.PLAINTEXT
        return Signal.ADVANCE if isinstance(message, _GREETINGS) else Signal.RESTART

    def _identified(self, _reply: Frame, message: Message) -> Signal | Alarm:
        return Signal.ADVANCE if isinstance(message, PdId) else Signal.RESTART

    def _capable(self, _reply: Frame, message: Message) -> Signal | Alarm:
        if not isinstance(message, PdCap):
            return Signal.RESTART
        self.capabilities = message
        return Signal.ADVANCE if message.secure else Alarm.DOWNGRADE

    def _challenged(self, reply: Frame, message: Message) -> Signal | Alarm:
        verdict = self._handshake.prove(reply, message)
        if isinstance(verdict, Alarm):
            return verdict
        self._proof = verdict
        return Signal.ADVANCE

    def _confirmed(self, reply: Frame, message: Message) -> Signal | Alarm:
        verdict = self._handshake.confirm(reply, message)
        if isinstance(verdict, Alarm):
            return verdict
        self.channel = verdict
        return Signal.KEYLESS if self._handshake.kind is KeyKind.DEFAULT else Signal.ADVANCE


_JUDGES: Mapping[State, Callable[[Opening, Frame, Message], Signal | Alarm]] = {
    State.SYNC: Opening._greeted,
    State.IDENTIFY: Opening._identified,
    State.CAPABILITIES: Opening._capable,
    State.CHALLENGE: Opening._challenged,
    State.CRYPTOGRAM: Opening._confirmed,
}
