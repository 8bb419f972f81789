"""Framing under a hostile wire: any bytes, any chunks, any noise."""

from hypothesis import given
from hypothesis import strategies as st
from menshen_device_agent.protocols.osdp.decoding import decode
from menshen_device_agent.protocols.osdp.frame import FRAME_LIMIT, MARK, Check, Fault, Framer, encode, parse

sequences = st.integers(0, 3)
payloads = st.binary(max_size=40)
frames = st.builds(
    lambda address, sequence, code, data, check: encode(address, sequence, code, data, reply=True, check=check),
    st.integers(0, 126),
    sequences,
    st.integers(0x40, 0x90),
    payloads,
    st.sampled_from(Check),
)
noise = st.binary(max_size=12)
streams = st.lists(st.one_of(frames, noise, frames.map(lambda raw: MARK + raw)), max_size=12).map(b"".join)


@st.composite
def chunked_streams(draw):
    stream = draw(streams)
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    return stream, [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


@given(st.binary(max_size=2000), st.booleans())
def test_no_bytes_make_the_framer_raise_or_grow(data, replies):
    framer = Framer(replies=replies)

    framer.feed(data)

    assert len(framer._buffer) < FRAME_LIMIT
    assert framer.counters.discarded + len(framer._buffer) <= len(data)


@given(st.binary(max_size=80))
def test_no_bytes_make_the_parser_raise(data):
    verdict = parse(data)

    assert isinstance(verdict, Fault) or verdict.body == data[: len(verdict.body)]


@given(st.integers(0, 255), st.binary(max_size=64))
def test_no_payload_makes_the_decoder_raise(code, data):
    assert decode(code, data) is not None


@given(chunked_streams())
def test_the_frames_do_not_depend_on_the_chunks(case):
    stream, chunks = case
    whole, pieces = Framer(), Framer()

    found = [frame for chunk in chunks for frame in pieces.feed(chunk)]

    assert tuple(found) == whole.feed(stream)
    assert pieces.counters == whole.counters


@given(frames, frames, st.data())
def test_a_frame_after_a_broken_one_is_found(broken, good, data):
    at = data.draw(st.integers(4, len(broken) - 1))
    flipped = broken[:at] + bytes((broken[at] ^ (1 << data.draw(st.integers(0, 7))),)) + broken[at + 1 :]

    found = Framer().feed(flipped + good)

    assert found[-1] == parse(good)


@given(st.binary(max_size=300), st.lists(frames, min_size=1, max_size=4))
def test_after_any_noise_the_stream_is_in_step_within_the_longest_frame(garbage, following):
    settled = following[-1] * (FRAME_LIMIT // len(following[-1]) + 2)
    framer = Framer()

    framer.feed(garbage)
    found = framer.feed(b"".join(following) + settled)

    assert found[-1] == parse(following[-1])


@given(noise, frames)
def test_a_reset_forgets_what_noise_began(garbage, good):
    framer = Framer()
    framer.feed(b"\x53\x80\xf0\x00" + garbage[:4])

    framer.reset()

    assert framer.feed(good) == (parse(good),)


def test_a_command_is_no_reply_and_an_oversize_length_is_skipped():
    framer = Framer()
    reply = encode(3, 1, 0x40, reply=True)

    found = framer.feed(encode(3, 1, 0x60) + b"\x53\x83\xff\xff\x04" + reply)

    assert found == (parse(reply),)
    assert framer.counters.length_faults == 2
