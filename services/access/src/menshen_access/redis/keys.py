"""Every Redis key of access. All keys of a site share the hash tag `{site}`: one Cluster slot, one Function call.

head      hash: generation, state (REBUILDING or READY), run_id, plan_version, circumstances_version
plan      `<version>|` + canonical JSON of the site plan
circumstances `<version>|` + encoded `domain.circumstances`
r:<s>     subject record: `<version>|` + packed record; nothing after the bar: removed
k:<t>:<v> look-up key of an identifier, to the subject id
pins      hash: subject id to `<verifier>|<duress verifier>`, both base64
p         hash: subject id to its presence register (`domain.register`)
o         hash: area to the number of subjects in it and in the areas inside it
res:<a>   sorted set per area: subject id by the expiry of its open reservation
used      hash: single-use credential, visit or opening of the day to the event that used it
w:<p>     wrong PINs in a row at an access point; forgotten some time after the last one
d:<id>    payload of a decision, ten minutes, for repeated event ids
u:<id>    what is known of one presentation (effects, decision obeyed, taken): functions/claims.lua
s:<id>:<k> an event seen, ten minutes
events    stream: e = canonical payload
cursors   hash: feed to the position projected
"""

PREFIX = "m"


class SiteKeys:
    """The keys of one site; made once per site."""

    __slots__ = (
        "circumstances",
        "cursors",
        "events",
        "head",
        "occupancy",
        "pins",
        "plan",
        "prefix",
        "presence",
        "used",
    )

    def __init__(self, site: str) -> None:
        self.prefix = f"{PREFIX}:{{{site}}}:"
        self.head = f"{self.prefix}head"
        self.plan = f"{self.prefix}plan"
        self.circumstances = f"{self.prefix}circumstances"
        self.pins = f"{self.prefix}pins"
        self.presence = f"{self.prefix}p"
        self.occupancy = f"{self.prefix}o"
        self.used = f"{self.prefix}used"
        self.events = f"{self.prefix}events"
        self.cursors = f"{self.prefix}cursors"

    def record(self, subject_id: str) -> str:
        return f"{self.prefix}r:{subject_id}"

    def lookup(self, key: str) -> str:
        """`key` is `<type>:<value>`, as the rulebook's Identifier.key."""
        return f"{self.prefix}k:{key}"

    def reservations(self, area: str) -> str:
        return f"{self.prefix}res:{area}"

    def decision(self, event_id: str) -> str:
        return f"{self.prefix}d:{event_id}"

    def pending(self, event_id: str) -> str:
        return f"{self.prefix}u:{event_id}"
