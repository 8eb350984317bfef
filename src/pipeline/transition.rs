//! The graph of an order's statuses: which may follow which, and who may set it. Knobs A13 and A14 are lines of it.

use crate::vocab::{Actor, Change, OrderStatus, Step};

/// One line of a pack's `transitions`: a change of status that the marketplace allows.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// The statuses it may start from.
    pub from: Vec<OrderStatus>,
    /// The status it leads to.
    pub to: OrderStatus,
    /// Who may set it; everybody when not set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Actor>,
    /// It holds only with the own delivery service (`true`), or only without it (`false`); for both when not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_delivery: Option<bool>,
    /// Days from the earlier status within which it may follow, the last one included; without end when not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_days: Option<i32>,
    /// `skip`: it leaves out a status that should have been set; `legal` when not set.
    #[serde(rename = "is", skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
}

/// A change of status as a history tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// The status before.
    pub from: OrderStatus,
    /// The status after.
    pub to: OrderStatus,
    /// Who set it; `unknown` may be anybody.
    pub actor: Actor,
    /// The order is sent by the own delivery service.
    pub own_delivery: bool,
    /// Days from the one to the other.
    pub days: i32,
}

impl Transition {
    fn allows(&self, changed: &Changed) -> bool {
        self.from.contains(&changed.from)
            && self.to == changed.to
            && self.own_delivery.is_none_or(|own| own == changed.own_delivery)
            && self.within_days.is_none_or(|days| changed.days <= days)
    }

    fn is_for(&self, actor: Actor) -> bool {
        self.by.is_empty() || actor == Actor::Unknown || self.by.contains(&actor)
    }
}

/// What a change is by a graph and its final statuses.
pub fn judge(graph: &[Transition], finals: &[OrderStatus], changed: &Changed) -> Change {
    let mut allowed = graph.iter().filter(|transition| transition.allows(changed)).peekable();
    if allowed.peek().is_none() {
        return if finals.contains(&changed.from) { Change::AfterFinal } else { Change::Illegal };
    }
    match allowed.find(|transition| transition.is_for(changed.actor)) {
        Some(transition) if transition.step == Some(Step::Skip) => Change::Skip,
        Some(_) => Change::Legal,
        None => Change::WrongActor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_by_its_graph() {
        use OrderStatus::{Cancelled, Delivered, New, Packing, Shipped};
        let line = |from: &[OrderStatus], to, by: &[Actor]| Transition {
            from: from.to_vec(),
            to,
            by: by.to_vec(),
            own_delivery: None,
            within_days: None,
            step: None,
        };
        let graph = [
            line(&[New], Packing, &[Actor::Partner]),
            line(&[Packing], Shipped, &[]),
            Transition { own_delivery: Some(false), step: Some(Step::Skip), ..line(&[New], Shipped, &[]) },
            Transition { within_days: Some(14), ..line(&[Delivered], Cancelled, &[]) },
        ];
        let of = |from, to| Changed { from, to, actor: Actor::Unknown, own_delivery: false, days: 0 };
        let judge = |changed: Changed| judge(&graph, &[Delivered, Cancelled], &changed);
        assert_eq!(judge(of(New, Packing)), Change::Legal);
        assert_eq!(judge(Changed { actor: Actor::Partner, ..of(New, Packing) }), Change::Legal);
        assert_eq!(judge(Changed { actor: Actor::Customer, ..of(New, Packing) }), Change::WrongActor);
        assert_eq!(judge(of(New, Shipped)), Change::Skip);
        assert_eq!(judge(Changed { own_delivery: true, ..of(New, Shipped) }), Change::Illegal);
        assert_eq!(judge(of(Shipped, Packing)), Change::Illegal);
        assert_eq!(judge(Changed { days: 14, ..of(Delivered, Cancelled) }), Change::Legal);
        assert_eq!(judge(Changed { days: 15, ..of(Delivered, Cancelled) }), Change::AfterFinal);
        assert_eq!(judge(of(Cancelled, Shipped)), Change::AfterFinal);
    }
}
