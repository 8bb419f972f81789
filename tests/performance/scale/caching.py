"""What a full cache of subjects weighs, and that it weighs no more when others have passed through. Prints JSON.

A process of its own: what stands in its memory is what an access process would hold for one site.
"""

import gc
import json
import sys

import psutil
from hot_path.subjects import subject
from menshen_access.domain.store import LiveRead
from menshen_access.domain.subject_records import keys_of
from menshen_access.subject_cache import SubjectCache
from menshen_rulebook.records import pack

REGISTER = b"2\x1dcampus\x1f1767225600000\x1f01957b2e-0000-7000-8000-000000000001\x1f1\x1d"


def measure(capacity: int, passing: int) -> dict[str, int]:
    """Bytes with the cache full of subjects and of keys, and after `passing` more subjects."""
    process, cache = psutil.Process(), SubjectCache(capacity)
    gc.collect()
    empty = process.memory_info().rss
    _pass_through(cache, 0, 2 * capacity)
    full = process.memory_info().rss
    _pass_through(cache, 2 * capacity, 2 * capacity + passing)
    if len(cache) != capacity:
        raise RuntimeError("the cache grew")
    return {"empty": empty, "full": full, "later": process.memory_info().rss}


def _pass_through(cache: SubjectCache, first: int, end: int) -> None:
    """Each one is read from Redis and looked at, as a cold decision does."""
    for number in range(first, end):
        whole = subject(number)
        name, keys = whole.subject_id, keys_of(whole)
        records = {name: (whole.version, pack(whole))}
        cache.learn(LiveRead(1, 1, records, {name: REGISTER}, {}, frozenset(), dict.fromkeys(keys, name)))
        found = cache.find(keys)
        if found is None:
            raise RuntimeError("the cache lost what it was just told")
        found.subjects[0].place()
    gc.collect()


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
