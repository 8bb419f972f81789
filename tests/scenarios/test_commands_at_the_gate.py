"""What guards and officers do at a terminal, through the real commands, beside a running suite."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.patience import eventually
from harness.terminal import CTRL_C, CTRL_D, Terminal, at_terminal, run
from menshen.access.v1 import decision_pb2, review_pb2
from menshen.identity.v1 import identity_pb2
from menshen_cli.local.provision import administration
from menshen_cli.local.suite import Suite
from scenarios.campus import CALL_S, Campus, Person, codes, outcome
from scenarios.gatehouse import Gatehouse

PASSED, REFUSED, OPEN = review_pb2.REVIEW_STATE_PASSED, review_pb2.REVIEW_STATE_REFUSED, review_pb2.REVIEW_STATE_OPEN


@asynccontextmanager
async def guard(town: Suite, post: str, point: str, language: str = "en") -> AsyncIterator[Terminal]:
    """A guard at a post that answers for one access point, where nobody waits yet."""
    command = ("guard", f"north/{post}", "--at", point, "--folder", str(town.folder))
    async with at_terminal(*command, language=language) as terminal:
        await terminal.until({"en": "no reviews", "zh": "没有待处理的复核"}[language], "> ")
        yield terminal


async def contractor(campus: Campus, photo: str = "") -> Person:
    return await campus.enrol("contractor", photo=photo)


async def ask_at(campus: Campus, point: str, person: Person) -> str:
    """Somebody whom only a guard may let in presents a card; the review's id."""
    asked = await campus.decide(point, person)
    assert outcome(asked) == "MANUAL_REVIEW"
    return (await campus.open_review(asked.event_id)).review_id


async def review_of(campus: Campus, review_id: str) -> review_pb2.Review:
    listed = await campus.guard("post-9").ListReviews(review_pb2.ListReviewsRequest(site="north"), timeout=CALL_S)
    [found] = [review for review in listed.reviews if review.review_id == review_id]
    return found


async def test_a_guard_reads_who_comes_takes_the_review_and_the_door_opens(
    campus: Campus, town: Suite, gate: Gatehouse
) -> None:
    person = await contractor(campus, photo="portraits/contractor-7")
    async with guard(town, "post-1", "n-in") as post:
        walking = asyncio.ensure_future(gate.walk("in", person.card, patience_s=30))

        shown = await post.until("[1]", "waits for a guard", "> ")
        assert not gate.door.is_unlocked
        post.type("t 1")
        await post.until("[1] n-in  taken by guard/post-1")
        assert not gate.door.is_unlocked
        post.type("p 1 work order seen, face compared")
        await post.until("[1] n-in  let through by guard/post-1: work order seen, face compared")

        assert await walking == 1
        post.type("q")
        assert await post.status() == 0

    [review] = [r for r in await reviews_at(campus, "n-in") if person.subject_id in r.subject_ids]
    [reason] = review.reasons
    told = ("portraits/contractor-7", person.subject_id, "n-in", reason.code)
    texts = (reason.guard.zh, reason.guard.en, reason.holder.zh, reason.holder.en)
    assert [word for word in (*told, *texts) if not word or word not in shown] == []
    events = await campus.recorded(review.event_id, "CENTRE", "ACTED", "TAKEN")
    assert events["ACTED"].detail["cause"] == "REVIEW_PASSED"


async def reviews_at(campus: Campus, point: str) -> list[review_pb2.Review]:
    listed = await campus.guard("post-9").ListReviews(review_pb2.ListReviewsRequest(site="north"), timeout=CALL_S)
    return [review for review in listed.reviews if review.access_point == point]


async def test_a_guard_refuses_and_the_door_stays_shut(campus: Campus, town: Suite, gate: Gatehouse) -> None:
    person = await contractor(campus)
    async with guard(town, "post-1", "n-in") as post:
        walking = asyncio.ensure_future(gate.walk("in", person.card, patience_s=6))

        await post.until("none on record", "waits for a guard")
        post.type("r 1 no order for today")
        await post.until("[1] n-in  refused by guard/post-1: no order for today")

        assert await walking == 0
        post.press(CTRL_D)
        assert await post.status() == 0

    [review] = [r for r in await reviews_at(campus, "n-in") if person.subject_id in r.subject_ids]
    assert (review.state, review.note) == (REFUSED, "no order for today")


async def test_a_second_guard_is_told_who_has_a_review_and_that_an_order_came_too_late(
    campus: Campus, town: Suite
) -> None:
    async with guard(town, "post-1", "w-in") as first, guard(town, "post-2", "w-in", language="zh") as second:
        review_id = await ask_at(campus, "w-in", await contractor(campus))
        await first.until("[1]", "waits for a guard")
        await second.until("[1]", "待受理")

        first.type("t 1")
        await first.until("taken by guard/post-1")
        await second.until("[1] w-in  guard/post-1 已受理")
        second.type("p 1 我认识他")
        await second.until("[1] 已晚一步：guard/post-1 已受理")
        first.type("p 1 known to the office")
        await first.until("let through by guard/post-1: known to the office")
        await second.until("[1] w-in  guard/post-1 已放行：known to the office")
        second.type("r 1 太晚")
        await second.until("[1] 已晚一步：guard/post-1 已放行：known to the office")

    decided = await review_of(campus, review_id)
    assert (decided.state, decided.operator, decided.note) == (PASSED, "guard/post-1", "known to the office")


async def test_a_number_means_the_same_review_when_others_come(campus: Campus, town: Suite) -> None:
    async with guard(town, "post-1", "e-in") as post:
        early = await ask_at(campus, "e-in", await contractor(campus))
        await post.until("[1]", early)
        late = await ask_at(campus, "e-in", await contractor(campus))
        await post.until("[2]", late)

        post.type("")
        await post.until("[1]", early, "[2]", late)
        post.type("r 1 wrong gate")
        await post.until("[1] e-in  refused by guard/post-1: wrong gate")
        post.type("r 2 wrong gate too")
        await post.until("[2] e-in  refused by guard/post-1: wrong gate too")

    assert [(await review_of(campus, found)).note for found in (early, late)] == ["wrong gate", "wrong gate too"]


async def test_what_a_guard_mistypes_is_answered_and_decides_nothing(campus: Campus, town: Suite) -> None:
    async with guard(town, "post-1", "w-in") as post:
        review_id = await ask_at(campus, "w-in", await contractor(campus))
        await post.until("[1]", review_id)

        for mistyped, answer in (
            ("p 1", "say why: p 1 NOTE"),
            ("p 7 known", "there is no review 7"),
            ("t one", "there is no review one"),
            ("open the gate", "not understood. t 1 take"),
        ):
            post.type(mistyped)
            await post.until(answer, "> ")
        assert (await review_of(campus, review_id)).state == OPEN
        post.press(CTRL_C)

        assert await post.status() == 0
        assert "Traceback" not in post.text

    refused = await run("guard", "north/post-1", "--folder", str(town.folder), "--once", "--refuse", "nobody knows him")
    assert (refused.status, review_id in refused.printed) == (0, True)
    assert "refused by guard/post-1: nobody knows him" in refused.printed
    assert (await review_of(campus, review_id)).state == REFUSED


async def test_a_post_lives_through_an_outage_and_goes_on_showing_who_comes(
    campus: Campus, town: Suite, gate: Gatehouse
) -> None:
    before, after = await contractor(campus), await contractor(campus)
    async with guard(town, "post-1", "w-in") as post:
        waiting = await ask_at(campus, "w-in", before)
        await post.until("[1]", waiting)

        await town.kill("access")
        await post.until("access is away")
        post.type("t 1")
        await post.until("access: ", "> ")
        await town.restart("access")
        await eventually(campus.is_ready, 30)
        came = await ask_at(campus, "w-in", after)

        await post.until("[2]", came, "waits for a guard", deadline_s=30)
        for number in (1, 2):
            post.type(f"r {number} out of hours")
            await post.until(f"[{number}] w-in  refused by guard/post-1: out of hours")

    await eventually(gate.is_online, 30)


async def test_a_post_that_names_no_campus_is_refused_in_words(town: Suite) -> None:
    refused = await run("guard", "北门", "--folder", str(town.folder))

    assert (refused.status, refused.printed) == (1, "menshen guard: 北门 names no post: CAMPUS/POST\n")


async def test_a_refusal_is_explained_with_every_reason_for_everybody_in_both_languages(
    campus: Campus, town: Suite
) -> None:
    person = await campus.enrol()
    await campus.change_card(person, identity_pb2.CREDENTIAL_STATE_LOST)
    refused = await eventually(lambda: refusal(campus, person), 5)
    events = await campus.recorded(refused.event_id, "CENTRE")

    explained = await run("explain", refused.event_id, "--purpose", "complaint 2026-17", "--folder", str(town.folder))

    assert explained.status == 0, explained.printed
    told = [refused.event_id, "n-in", "DENY", person.subject_id, f"north #{events['CENTRE'].sequence}", *codes(refused)]
    for reason in events["CENTRE"].reasons:
        texts = (reason.holder, reason.guard, reason.record)
        told += [words for text in texts for words in (text.zh, text.en)]
    told += ["Made again: the same answer", "Today it would be the same: DENY (CREDENTIAL_LOST", "anti_passback"]
    assert len(told) >= 15
    assert [words for words in told if not words or words not in explained.printed] == []
    assert await purposes(town, refused.event_id) == ["complaint 2026-17"]


async def refusal(campus: Campus, person: Person) -> decision_pb2.Decision | None:
    decision = await campus.decide("n-in", person)
    return decision if outcome(decision) == "DENY" else None


async def purposes(town: Suite, event_id: str) -> list[str]:
    """Why the explanations of an event were asked for, as the service wrote it down."""
    query = "SELECT purpose FROM access.query_log WHERE method = 'ExplainEvent' AND filter LIKE '%' || $1 || '%'"
    async with administration(town.postgres, "menshen") as connection:
        return [row["purpose"] for row in await connection.fetch(query, event_id)]


async def test_a_passage_is_explained_to_its_end_with_when_it_was_and_what_the_lock_obeyed(
    campus: Campus, town: Suite, gate: Gatehouse
) -> None:
    person = await campus.enrol()
    assert await gate.walk("in", person.card) == 1
    taken = await eventually(lambda: taken_by(campus, person), 10)

    explained = await run("explain", taken, "--site", "north", "--folder", str(town.folder), language="zh")

    assert explained.status == 0, explained.printed
    kinds = [line.split()[2] for line in explained.printed.splitlines() if taken in line]
    assert kinds[-2:] == ["ACTED", "TAKEN"]
    assert set(kinds[:-2]) <= {"CENTRE", "EDGE"}
    assert "GRANT" in explained.printed
    assert f"obeyed {kinds[-3]}" in explained.printed
    assert f"主体 {person.subject_id}" in explained.printed
    assert explained.printed.count("时钟误差 ±") == len(kinds)


async def taken_by(campus: Campus, person: Person) -> str:
    history = await campus.history()
    decided = {event.event_id for event in history if person.subject_id in event.subject_ids}
    return next(
        (
            event.event_id
            for event in history
            if event.kind == decision_pb2.EVENT_KIND_TAKEN and event.event_id in decided
        ),
        "",
    )


async def test_an_event_nobody_recorded_is_told_in_the_readers_language(campus: Campus, town: Suite) -> None:
    unknown = campus.new_id()

    told = await run("explain", unknown, "--folder", str(town.folder), language="zh")

    assert (told.status, told.printed) == (1, f"menshen explain: 没有记录事件 {unknown}\n")
