//! `[[golden.transition]]`: a change of an order's status, by the transitions of the pack.

use crate::golden::Facts;
use crate::pipeline::Pack;
use crate::pipeline::transition::{Changed, judge};
use crate::pipeline::written::golden::GivenTransition;
use crate::vocab::{Actor, Word};

pub(super) fn facts(given: &GivenTransition, pack: &Pack) -> Result<Facts, String> {
    let policy = pack.policies.at(given.on).entry;
    let graph = policy.transitions.ok_or_else(|| format!("{} has no transitions on {}", pack.name, given.on))?;
    let finals = policy.final_statuses.unwrap_or_default();
    let changed = Changed {
        from: given.from,
        to: given.to,
        actor: given.actor.unwrap_or(Actor::Unknown),
        own_delivery: given.own_delivery,
        days: given.days,
    };
    Ok(Facts::from([("change", judge(&graph, &finals, &changed).text().to_owned())]))
}
