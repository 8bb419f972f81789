"""What works in processes of its own beside the decisions, wired; nothing is started before it is asked."""

from menshen_servicekit.lifecycle import Process

from menshen_access.drafts import Drafts
from menshen_access.resting import Resting
from menshen_access.settings import AccessSettings
from menshen_access.wiring.foresight import build_foresight
from menshen_access.wiring.replay import build_replay
from menshen_access.wiring.serving import Apart
from menshen_access.wiring.shadows import build_shadows
from menshen_access.wiring.stores import Stores
from menshen_access.work_apart import DocumentsApart


def build_documents(process: Process[AccessSettings]) -> DocumentsApart:
    """Where policies are checked; ends with the process."""
    documents = DocumentsApart()
    process.closer.push("documents", documents.close)
    return documents


def build_apart(process: Process[AccessSettings], stores: Stores, documents: DocumentsApart, resting: Resting) -> Apart:
    """Foresight, shadows and replays."""
    drafts = Drafts(stores.policies, documents, process.clock)
    return Apart(
        build_foresight(process, stores, drafts, resting),
        build_shadows(process, stores, drafts),
        build_replay(process, stores, drafts, resting),
    )
