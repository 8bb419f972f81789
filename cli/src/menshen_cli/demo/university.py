"""Tinglan University (汀澜大学): invented, with three campuses, seventeen gates and three buildings of interest.

Nobody and nothing here is real. A gate has lanes; a lane is one door for people or one barrier for vehicles, and has an
access point for each way it may be passed. Ids of access points, doors and readers follow from the lane's:
`n1-p1` is a door, `n1-p1-in` an access point and the reader at it.
"""

from dataclasses import dataclass

from menshen_rulebook.decision import Text
from menshen_rulebook.vocabulary import AccessPointClass

PEOPLE = AccessPointClass.PEDESTRIAN
E_BIKES = AccessPointClass.NON_MOTOR
MOTOR = AccessPointClass.MOTOR
GOODS = AccessPointClass.GOODS

ALWAYS = ""
GATE_HOURS = "gate-hours"
GOODS_HOURS = "goods-hours"


@dataclass(frozen=True, slots=True)
class Lane:
    """One door or barrier. `lane_id` is the door's id."""

    lane_id: str
    gate_id: str
    traffic: AccessPointClass
    enters: bool
    leaves: bool
    pin: bool = False

    @property
    def entry(self) -> str:
        """The access point inwards, and the reader at it; empty for a lane that only leads out."""
        return f"{self.lane_id}-in" if self.enters else ""

    @property
    def exit(self) -> str:
        """The access point outwards, and the reader at it; empty for a lane that only leads in."""
        return f"{self.lane_id}-out" if self.leaves else ""

    @property
    def access_points(self) -> tuple[str, ...]:
        return tuple(point for point in (self.entry, self.exit) if point)

    @property
    def barrier(self) -> bool:
        """Whether a boom bars it; its readers then read tags instead of cards."""
        return self.traffic is not PEOPLE


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate, or a building whose doors are controlled: `perimeter` tells them apart.

    `outer` and `inner` are areas; `schedule` is its hours, ALWAYS for none.
    """

    gate_id: str
    site: str
    agent_id: str
    name: Text
    lanes: tuple[Lane, ...]
    outer: str
    inner: str
    schedule: str = GATE_HOURS
    perimeter: bool = True

    @property
    def access_points(self) -> tuple[str, ...]:
        return tuple(point for lane in self.lanes for point in lane.access_points)

    @property
    def entries(self) -> tuple[str, ...]:
        return tuple(lane.entry for lane in self.lanes if lane.enters)


@dataclass(frozen=True, slots=True)
class Zone:
    """A fire zone: what its panel releases, and the gate whose board the panel is wired to."""

    zone_id: str
    site: str
    gate_id: str
    name: Text
    doors: tuple[str, ...]
    areas: tuple[str, ...]

    @property
    def panel(self) -> str:
        """The panel's name in the simulated hardware."""
        return f"{self.zone_id}-panel"


@dataclass(frozen=True, slots=True)
class Campus:
    """A site."""

    site: str
    name: Text
    gates: tuple[Gate, ...]
    share: float
    """Of all people and vehicles, how many are at home here."""

    @property
    def outside(self) -> str:
        return f"{self.site}-outside"

    @property
    def inside(self) -> str:
        return f"{self.site}-campus"

    @property
    def areas(self) -> tuple[str, ...]:
        """Every area but the campus itself and the world outside: the buildings of interest."""
        return tuple(gate.inner for gate in self.gates if not gate.perimeter)


_TRAFFIC = {"p": PEOPLE, "e": E_BIKES, "m": MOTOR, "g": GOODS}


def _lanes(gate_id: str, written: str) -> tuple[Lane, ...]:
    """Lanes as `p:in e:in m:both`: people, e-bikes, motor vehicles, goods; and the ways. `p:pin` asks for a PIN."""
    lanes: list[Lane] = []
    numbers = dict.fromkeys(_TRAFFIC, 0)
    for word in written.split():
        letter, _, ways = word.partition(":")
        numbers[letter] += 1
        lane_id = f"{gate_id}-{letter}{numbers[letter]}"
        enters, leaves = ways != "out", ways != "in"
        lanes.append(Lane(lane_id, gate_id, _TRAFFIC[letter], enters, leaves, pin=ways == "pin"))
    return tuple(lanes)


def _gate(gate_id: str, agent_id: str, zh: str, en: str, lanes: str, schedule: str = GATE_HOURS) -> Gate:
    site = agent_id.partition("-")[0]
    outer, inner = f"{site}-outside", f"{site}-campus"
    return Gate(gate_id, site, agent_id, Text(zh, en), _lanes(gate_id, lanes), outer, inner, schedule)


def _building(gate_id: str, agent_id: str, zh: str, en: str, lanes: str, area: str) -> Gate:
    site = agent_id.partition("-")[0]
    written = _lanes(gate_id, lanes)
    return Gate(gate_id, site, agent_id, Text(zh, en), written, f"{site}-campus", area, ALWAYS, perimeter=False)


NORTH = Campus(
    "north",
    Text("北原校区", "North Campus"),
    (
        _gate("n1", "north-1", "青松门", "Pine Gate", "p:in p:in p:in p:out p:out m:in m:out", ALWAYS),
        _gate("n2", "north-1", "银杏门", "Ginkgo Gate", "p:in p:in p:out e:in"),
        _gate("n3", "north-1", "石桥门", "Stonebridge Gate", "p:in p:in p:out"),
        _gate("n4", "north-2", "工坊门", "Workshop Gate", "p:both g:in g:out", GOODS_HOURS),
        _gate("n5", "north-2", "竹径门", "Bamboo Path Gate", "p:in p:both"),
        _gate("n6", "north-2", "书塔门", "Book Tower Gate", "p:in p:out e:in"),
        _building("nd", "north-2", "竹里公寓", "Bamboo Court", "p:in p:in p:out", "north-dormitory"),
        _building("nl", "north-2", "光学实验楼", "Optics Laboratory", "p:pin", "north-laboratory"),
    ),
    share=0.5,
)
EAST = Campus(
    "east",
    Text("东岸校区", "East Bank Campus"),
    (
        _gate("e1", "east-1", "望川门", "Riverview Gate", "p:in p:in p:in p:out p:out m:in m:out"),
        _gate("e2", "east-1", "渡口门", "Ferry Gate", "p:in p:in p:out e:in"),
        _gate("e3", "east-1", "麦田门", "Barley Gate", "p:in p:out"),
        _gate("e4", "east-2", "灯塔门", "Lighthouse Gate", "p:in p:in p:out e:in"),
        _gate("e5", "east-2", "砚池门", "Inkwell Gate", "p:both"),
        _building("eh", "east-2", "望澜楼", "Wavecrest Hall", "p:in p:in p:out m:both", "east-hall"),
    ),
    share=0.3,
)
LAKE = Campus(
    "lake",
    Text("湖畔校区", "Lakeside Campus"),
    (
        _gate("l1", "lake-1", "苇荡门", "Reed Gate", "p:in p:in p:out m:in m:out"),
        _gate("l2", "lake-1", "鹭洲门", "Heron Gate", "p:in p:in p:out e:in"),
        _gate("l3", "lake-1", "帆影门", "Sail Gate", "p:in p:out"),
        _gate("l4", "lake-1", "浅滩门", "Shoal Gate", "p:in p:out e:in"),
        _gate("l5", "lake-1", "月台门", "Platform Gate", "p:both"),
        _gate("l6", "lake-2", "木栈门", "Boardwalk Gate", "p:in p:in p:out"),
    ),
    share=0.2,
)
CAMPUSES = (NORTH, EAST, LAKE)
SITES = tuple(campus.site for campus in CAMPUSES)
NAME = Text("汀澜大学", "Tinglan University")

GATES = {gate.gate_id: gate for campus in CAMPUSES for gate in campus.gates}
LANES = {lane.lane_id: lane for gate in GATES.values() for lane in gate.lanes}
LANE_OF = {point: lane for lane in LANES.values() for point in lane.access_points}
"""The lane of an access point (and of the reader at it)."""
AGENTS = tuple(dict.fromkeys(gate.agent_id for gate in GATES.values()))

DAY_AND_NIGHT_GATE = GATES["n1"]
CLOSING_GATE = GATES["n3"]
"""Closed by a dated policy; people are sent to `CLOSING_REDIRECT`."""
CLOSING_REDIRECT = GATES["n2"]
GOODS_GATE = GATES["n4"]
DORMITORY = GATES["nd"]
"""Soft anti-passback."""
LABORATORY = GATES["nl"]
"""Card and PIN."""
HALL = GATES["eh"]
LONE_GATE = GATES["l6"]
"""The only gate of its agent, so that its uplink can be cut alone."""

FIRE_ZONE = Zone(
    "east-hall-fire",
    "east",
    HALL.gate_id,
    Text("望澜楼消防分区", "Wavecrest Hall fire zone"),
    tuple(lane.lane_id for lane in HALL.lanes),
    (HALL.inner,),
)
STUCK_DOOR = "eh-p2"
"""The door of the fire zone that will not open."""
ZONES = (FIRE_ZONE,)


def campus_of(site: str) -> Campus:
    """The campus of a site id; KeyError for another word."""
    return {campus.site: campus for campus in CAMPUSES}[site]


def gates_of(agent_id: str) -> tuple[Gate, ...]:
    """The gates an agent drives."""
    return tuple(gate for gate in GATES.values() if gate.agent_id == agent_id)


def zones_of(agent_id: str) -> tuple[Zone, ...]:
    """The zones whose doors an agent drives."""
    return tuple(zone for zone in ZONES if GATES[zone.gate_id].agent_id == agent_id)
