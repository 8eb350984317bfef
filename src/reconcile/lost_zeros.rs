//! Order numbers that lost their leading zeros on the way through a spreadsheet: which known order they may have been (PY-011).

use std::collections::BTreeMap;

/// Account, and the digits without leading zeros.
type Bare<'run> = (&'run str, &'run str);

/// By unknown key: the number of the one known order of the account whose digits are the same but for leading zeros. Keys are
/// `account/order_no`.
pub fn candidates<'run>(
    unknown: impl Iterator<Item = &'run str>,
    known: impl Iterator<Item = &'run str>,
) -> BTreeMap<&'run str, &'run str> {
    let mut found: BTreeMap<Bare<'run>, (Vec<&'run str>, Vec<&'run str>)> = BTreeMap::new();
    for key in unknown {
        if let Some((bare, _)) = bare(key) {
            found.entry(bare).or_default().0.push(key);
        }
    }
    if found.is_empty() {
        return BTreeMap::new();
    }
    for key in known {
        if let Some((bare, number)) = bare(key)
            && let Some((_, numbers)) = found.get_mut(&bare)
        {
            numbers.push(number);
        }
    }
    let only = |(keys, numbers): (Vec<&'run str>, Vec<&'run str>)| match numbers[..] {
        [only] => keys.into_iter().map(|key| (key, only)).collect(),
        _ => Vec::new(),
    };
    found.into_values().flat_map(only).collect()
}

/// The number too; `None` for one with anything but digits.
fn bare(key: &str) -> Option<(Bare<'_>, &str)> {
    let (account, number) = key.split_once('/')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| ((account, number.trim_start_matches('0')), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_order_whose_zeros_are_gone() {
        let known = ["a/00123", "a/0007", "a/07", "b/00456", "a/A0012", "a/900"];
        let found = candidates(["a/123", "a/7", "a/456", "a/A12", "a/999", "a/0900"].into_iter(), known.into_iter());
        // 7 may have been two orders, 456 is of another account, and letters are no digits
        assert_eq!(found, BTreeMap::from([("a/123", "00123"), ("a/0900", "900")]));
    }
}
