"""Second approvals, and how many are known at a site."""

from dataclasses import replace

from menshen_servicekit.postgres import Pool
from menshen_servicekit.queries import load_queries

from menshen_access.domain.administration import Deed
from menshen_access.domain.guarded_change import Approval, Loss
from menshen_access.postgres.administration import put_audit
from menshen_access.postgres.foresight import Records
from menshen_access.postgres.losses import loss_of_text, text_of_loss
from menshen_access.postgres.sites import ACQUIRE_S, Sites

_QUERIES = load_queries("menshen_access.postgres", "guarded_changes.sql")


class KnownRecords(Records):
    """Packed subject records of every site, with how many there are."""

    async def at_least(self, site: str, number: int) -> bool:
        """Whether so many are known there."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return bool(await connection.fetchval(_QUERIES.known_up_to, site, number) >= number)


class ChangeApprovals:
    """Second approvals of plan documents and revocations, in PostgreSQL."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def approve(self, deed: Deed, digest: bytes, approval: Approval) -> None:
        """Store an approval of what the digest stands for, audited."""
        await self._sites.ensure(deed.site)
        loss = text_of_loss(approval.loss)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            await connection.execute(
                _QUERIES.put_change_approval, deed.site, digest, approval.at_ms, approval.who, deed.reason, loss
            )
            await put_audit(connection, deed)

    async def refuse(self, deed: Deed, loss: Loss) -> None:
        """Audit what was not done for want of one."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await put_audit(connection, replace(deed, action=f"{deed.action}_REFUSED", detail=text_of_loss(loss)))

    async def approvals(self, site: str, digest: bytes, since_ms: int) -> list[Approval]:
        """Those of the digest since an instant."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(_QUERIES.change_approvals, site, digest, since_ms)
        return [Approval(row["who"], row["at_ms"], loss_of_text(row["loss"])) for row in rows]
