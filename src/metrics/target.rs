//! A rate against its target, in integers.

use crate::pipeline::policy::Target;

/// Whether a rate meets its target; `None` with denominator 0.
pub fn meets(target: Target, numerator: i64, denominator: i64) -> Option<bool> {
    let (reached, demanded) = (numerator * target.den, target.num * denominator);
    (denominator > 0).then_some(match (target.at_least, target.strict) {
        (true, false) => reached >= demanded,
        (true, true) => reached > demanded,
        (false, false) => reached <= demanded,
        (false, true) => reached < demanded,
    })
}

/// Orders that may still fail (0 and above), or that must be mended (below 0), for the target to hold.
///
/// A rate that must not fall: failing orders are new ones, mended ones stand in the denominator already. A rate that must not rise:
/// orders of the denominator fail or are mended.
pub fn distance(target: Target, numerator: i64, denominator: i64) -> i64 {
    let beyond = i64::from(target.strict);
    if target.at_least {
        let reached = numerator * target.den - target.num * denominator - beyond;
        if reached >= 0 { reached / target.num.max(1) } else { -((-reached + target.den - 1) / target.den) }
    } else {
        (target.num * denominator - beyond) / target.den - numerator
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_LEAST: Target = Target { num: 9, den: 10, at_least: true, strict: false };
    const AT_MOST: Target = Target { num: 15, den: 1000, at_least: false, strict: false };
    const MORE_THAN: Target = Target { strict: true, ..AT_LEAST };
    const LESS_THAN: Target = Target { num: 1, den: 100, at_least: false, strict: true };

    #[test]
    fn exact_at_the_limit() {
        assert_eq!(meets(AT_LEAST, 9, 10), Some(true));
        assert_eq!(meets(AT_LEAST, 899, 1000), Some(false));
        assert_eq!(meets(AT_MOST, 3, 200), Some(true));
        assert_eq!(meets(AT_MOST, 4, 200), Some(false));
        assert_eq!(meets(AT_MOST, 0, 0), None);
        // X20: at most 5 of 1000
        let status_error = Target { num: 5, ..AT_MOST };
        assert_eq!((meets(status_error, 1, 200), meets(status_error, 2, 399)), (Some(true), Some(false)));
    }

    #[test]
    fn distance_equals_brute_force() {
        for denominator in 1..120 {
            for numerator in 0..=denominator {
                for target in [AT_LEAST, MORE_THAN] {
                    let holds = |failed: i64| meets(target, numerator, denominator + failed) == Some(true);
                    let mended = |fixed: i64| meets(target, numerator + fixed, denominator) == Some(true);
                    check(distance(target, numerator, denominator), holds, mended);
                }
                for target in [AT_MOST, LESS_THAN] {
                    let holds = |failed: i64| meets(target, numerator + failed, denominator) == Some(true);
                    let mended = |fixed: i64| meets(target, numerator - fixed, denominator) == Some(true);
                    check(distance(target, numerator, denominator), holds, mended);
                }
            }
        }
        assert_eq!(distance(LESS_THAN, 0, 0), 0);
    }

    #[test]
    fn a_strict_target_is_missed_at_its_bound() {
        assert_eq!((meets(LESS_THAN, 1, 100), meets(LESS_THAN, 1, 101)), (Some(false), Some(true)));
        assert_eq!((meets(MORE_THAN, 9, 10), meets(MORE_THAN, 10, 11)), (Some(false), Some(true)));
        assert_eq!(meets(LESS_THAN, 0, 0), None);
    }

    fn check(found: i64, holds: impl Fn(i64) -> bool, mended: impl Fn(i64) -> bool) {
        if found >= 0 {
            assert!(holds(found) && !holds(found + 1), "{found}");
        } else {
            assert!(mended(-found) && !mended(-found - 1), "{found}");
        }
    }
}
