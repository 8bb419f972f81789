"""Rows of policies and of what was done to them, written in the transaction of the change."""

import asyncpg
from menshen_servicekit.postgres import Connection

from menshen_access.domain.administration import PolicyChange
from menshen_access.domain.policy_life import Outline, PolicyAct, PolicyState, StoredPolicy, Transition
from menshen_access.postgres.losses import loss_of_text, text_of_loss
from menshen_access.postgres.sites import QUERIES


async def put_policy(connection: Connection, site: str, change: PolicyChange) -> None:
    """Store a policy as it became, and the record of what was done to it."""
    policy, done = change.policy, change.done
    outline = policy.outline
    await connection.execute(
        QUERIES.put_policy,
        site,
        policy.policy_id,
        outline.version,
        policy.from_ms,
        outline.to_ms,
        outline.title,
        outline.language,
        policy.document,
        policy.plan_version,
        int(policy.state),
        policy.revision,
        policy.author,
        sorted(policy.writers),
        done.reason,
    )
    await connection.execute(
        QUERIES.put_policy_transition,
        site,
        policy.policy_id,
        done.number,
        int(done.act),
        int(done.before),
        int(done.after),
        done.who,
        done.at_ms,
        done.reason,
        done.sha256,
        text_of_loss(done.loss) if done.loss is not None else "",
    )


def policy_of(row: asyncpg.Record) -> StoredPolicy:
    """The policy of a row."""
    return StoredPolicy(
        row["policy_id"],
        Outline(row["number"], row["language"], row["title"], row["from_ms"], row["to_ms"]),
        row["document"],
        row["from_ms"],
        row["plan_version"],
        PolicyState(row["state"]),
        row["revision"],
        row["author"],
        frozenset(row["writers"]),
    )


def transition_of(row: asyncpg.Record) -> Transition:
    """The transition of a row."""
    return Transition(
        row["number"],
        PolicyAct(row["act"]),
        PolicyState(row["state_before"]),
        PolicyState(row["state_after"]),
        row["who"],
        row["at_ms"],
        row["reason"],
        row["sha256"],
        loss_of_text(row["loss"]) if row["loss"] else None,
    )
