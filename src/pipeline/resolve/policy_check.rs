//! What is wrong with written policy: names that nothing reads, values that mean nothing, days for which a key is set twice or not at
//! all. Each mistake shows the key it stands at.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use chrono::NaiveDate;

use crate::base::text::nearest;
use crate::diagnose::{Diagnostic, Exit, Place};
use crate::pipeline::bounds;
use crate::pipeline::policy::{PolicyEntry, Target};
use crate::pipeline::resolve::embedded::embedded_text;
use crate::pipeline::resolve::locate::{line_of, span_of};
use crate::pipeline::transition::Transition;
use crate::pipeline::written::WrittenPack;
use crate::pipeline::written::rule::WrittenRule;
use crate::vocab::{DocumentKind, MetricName, OrderStatus, ReturnKind, Word};

/// Rule code → names of its thresholds. The common pack gives each one a default, so what it does not name nothing reads.
static THRESHOLDS: LazyLock<Thresholds> = LazyLock::new(|| {
    let common = embedded_text("common").and_then(|text| toml::from_str::<WrittenPack>(text).ok());
    let mut known = Thresholds::new();
    for (code, names) in common.into_iter().flat_map(|common| common.policy).flat_map(|entry| entry.thresholds) {
        known.entry(code).or_default().extend(names.into_keys());
    }
    known
});

/// Rule code → names of thresholds.
pub(super) type Thresholds = BTreeMap<String, BTreeSet<String>>;

/// The thresholds that a rule written as text reads: `threshold('days')` in its formulas.
pub(super) fn thresholds_of(rule: &WrittenRule) -> (String, BTreeSet<String>) {
    let formulas = [Some(&rule.when), rule.money.as_ref(), rule.due.as_ref()];
    let texts = formulas.into_iter().flatten().map(|formula| formula.get_ref().as_str());
    let names = texts.flat_map(|text| text.split("threshold(").skip(1)).filter_map(|rest| rest.split('\'').nth(1));
    (rule.code.get_ref().clone(), names.map(str::to_owned).collect())
}

/// The entries of one `[[…policy]]` array of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenPolicies<'text> {
    /// The file as messages name it.
    pub(super) file: &'text str,
    /// Its text.
    pub(super) text: &'text Arc<str>,
    /// Keys that lead to the array, such as `["policy"]`.
    pub(super) path: &'text [&'text str],
    /// The entries, in the order written.
    pub(super) entries: &'text [PolicyEntry],
    /// Thresholds of the rules that are written as text.
    pub(super) own: &'text Thresholds,
}

/// One mistake before it has a place.
struct Mistake {
    code: &'static str,
    message: String,
    found: String,
    expected: String,
    help: String,
}

impl WrittenPolicies<'_> {
    /// All mistakes, in the order of the entries; those of validity come last.
    pub(super) fn mistakes(&self) -> Vec<Diagnostic> {
        let mut mistakes = Vec::new();
        for (place, entry) in self.entries.iter().enumerate() {
            if mistakes.len() >= bounds::MISTAKES {
                break;
            }
            let of_names = mistaken_thresholds(entry, self.own).into_iter().chain(mistaken_metrics(entry));
            for (key, mistake) in of_names.chain(mistaken_values(entry)) {
                let key: Vec<&str> = key.iter().map(String::as_str).collect();
                mistakes.push(self.diagnostic(place, &key, mistake));
            }
        }
        mistakes.extend(self.mistaken_validities());
        mistakes
    }

    fn span(&self, entry: usize, key: &[&str]) -> Range<usize> {
        let place = entry.to_string();
        let path: Vec<&str> = self.path.iter().copied().chain([place.as_str()]).chain(key.iter().copied()).collect();
        span_of(self.text, &path)
    }

    fn diagnostic(&self, entry: usize, key: &[&str], mistake: Mistake) -> Diagnostic {
        Diagnostic {
            code: mistake.code,
            message: mistake.message,
            place: Place::Config { file: self.file.to_owned(), text: self.text.clone(), span: self.span(entry, key) },
            found: mistake.found,
            expected: mistake.expected,
            help: mistake.help,
            exit: Exit::Usage,
        }
    }

    /// Days for which a key is set twice, or not at all although it is set before and after them. A day without an exchange rate is
    /// none of them: what was paid on it is not converted.
    fn mistaken_validities(&self) -> Vec<Diagnostic> {
        let mut ranges: BTreeMap<Vec<String>, Vec<(NaiveDate, NaiveDate, usize)>> = BTreeMap::new();
        for (place, entry) in self.entries.iter().enumerate() {
            let range = (entry.from.unwrap_or(NaiveDate::MIN), entry.to.unwrap_or(NaiveDate::MAX), place);
            for key in entry.keys() {
                ranges.entry(key).or_default().push(range);
            }
        }
        let mut mistakes = Vec::new();
        for (key, mut ranges) in ranges {
            if mistakes.len() >= bounds::MISTAKES {
                break;
            }
            ranges.sort_unstable();
            for pair in ranges.windows(2) {
                let ((_, end, earlier), (start, _, later)) = (pair[0], pair[1]);
                let path: Vec<&str> = key.iter().map(String::as_str).collect();
                let key = key.join(".");
                let message = if start <= end {
                    format!("`{key}` is set twice for {}: validities overlap", text_of(start, "all days before"))
                } else if end.succ_opt() != Some(start) && path[0] != "fx" {
                    format!("`{key}` is not set between {end} and {start}: a gap in its validity")
                } else {
                    continue;
                };
                let other = line_of(self.text, self.span(earlier, &path).start);
                let mistake = Mistake {
                    code: "CFG030",
                    message,
                    found: format!("from {}", text_of(start, "the beginning")),
                    expected: format!("the day after the end of line {other}: {}", text_of(end, "it has none")),
                    help: format!("`{key}` stands at line {other} too; give each day one value"),
                };
                mistakes.push(self.diagnostic(later, &path, mistake));
            }
        }
        mistakes
    }
}

/// A day, or what an open end is called.
fn text_of(day: NaiveDate, open: &str) -> String {
    if day == NaiveDate::MIN || day == NaiveDate::MAX { open.to_owned() } else { day.to_string() }
}

type AtKey = (Vec<String>, Mistake);

fn no_such<'k>(what: &str, found: &str, known: impl Iterator<Item = &'k str> + Clone) -> Mistake {
    let near = nearest(found, known.clone());
    Mistake {
        code: "CFG037",
        message: format!("no such {what}"),
        found: found.to_owned(),
        expected: format!("one of {}", known.collect::<Vec<_>>().join(", ")),
        help: near.map(|near| format!("did you mean `{near}`?")).unwrap_or_default(),
    }
}

fn mistaken_thresholds(entry: &PolicyEntry, own: &Thresholds) -> Vec<AtKey> {
    let path = |steps: &[&str]| ["thresholds"].iter().chain(steps).map(|step| (*step).to_owned()).collect();
    let mut mistakes = Vec::new();
    for (code, names) in &entry.thresholds {
        let Some(known) = THRESHOLDS.get(code).or_else(|| own.get(code)) else {
            let what = "rule with thresholds";
            let codes =
                THRESHOLDS.keys().chain(own.iter().filter(|(_, names)| !names.is_empty()).map(|(code, _)| code));
            mistakes.push((path(&[code]), no_such(what, code, codes.map(String::as_str))));
            continue;
        };
        for name in names.keys().filter(|name| !known.contains(*name)) {
            let what = format!("threshold of {code}");
            mistakes.push((path(&[code, name]), no_such(&what, name, known.iter().map(String::as_str))));
        }
    }
    mistakes
}

fn mistaken_metrics(entry: &PolicyEntry) -> Vec<AtKey> {
    let named = entry.target.keys().map(|name| ("target", name));
    let named = named.chain(entry.month_basis.keys().map(|name| ("month_basis", name)));
    let known = || MetricName::ALL.iter().map(|name| name.text());
    let unknown = named.filter(|(_, name)| MetricName::of(name).is_none());
    unknown.map(|(key, name)| (vec![key.to_owned(), name.clone()], no_such("metric", name, known()))).collect()
}

/// Values that a type does not refuse and that mean nothing.
fn mistaken_values(entry: &PolicyEntry) -> Vec<AtKey> {
    let wrong = |found: String, expected: &str| Mistake {
        code: "CFG038",
        message: "a value that means nothing".into(),
        found,
        expected: expected.to_owned(),
        help: String::new(),
    };
    let mut mistakes = Vec::new();
    if let (Some(from), Some(to)) = (entry.from, entry.to)
        && to < from
    {
        mistakes.push((vec!["to".into()], wrong(to.to_string(), &format!("a day from {from} on"))));
    }
    if let Some(days) = entry.payout_days.as_ref().filter(|days| !are_days_of_a_month(days)) {
        let expected = "days of the month, 1 to 31, each later than the one before";
        mistakes.push((vec!["payout_days".into()], wrong(format!("{days:?}"), expected)));
    }
    for (place, transition) in entry.transitions.iter().flatten().enumerate() {
        let Some(expected) = mistake_of(transition) else { continue };
        let found = format!("line {} of `transitions`", place + 1);
        mistakes.push((vec!["transitions".into(), place.to_string()], wrong(found, expected)));
    }
    if let Some(kinds) = entry.returns_apart.as_deref().filter(|kinds| !are_kinds_apart(kinds)) {
        let found = kinds.iter().map(|kind| kind.text()).collect::<Vec<_>>().join(", ");
        let expected = "two kinds that are kept apart, or none: all may be mixed";
        mistakes.push((vec!["returns_apart".into()], wrong(found, expected)));
    }
    for kind in entry.number_series.iter().filter(|(kind, series)| series.self_billed && !is_billed(**kind)) {
        let path = vec!["number_series".into(), kind.0.text().to_owned()];
        mistakes
            .push((path, wrong("self_billed".into(), "nothing: the marketplace bills by invoices and credit notes")));
    }
    for (name, target) in entry.target.iter().filter(|(_, target)| !is_a_share(**target)) {
        let expected = "`num` from 0 to `den`, and `den` above 0";
        mistakes
            .push((vec!["target".into(), name.clone()], wrong(format!("{} of {}", target.num, target.den), expected)));
    }
    mistakes
}

/// What a transition should be, where it means nothing.
fn mistake_of(transition: &Transition) -> Option<&'static str> {
    let statuses = || transition.from.iter().chain([&transition.to]);
    if transition.from.is_empty() || transition.from.contains(&transition.to) {
        return Some("statuses in `from`, none of them the one in `to`");
    }
    if statuses().any(|status| *status == OrderStatus::Unknown) {
        return Some("statuses that a marketplace knows");
    }
    transition.within_days.is_some_and(|days| days < 0).then_some("`within_days` of 0 or more")
}

fn are_days_of_a_month(days: &[u32]) -> bool {
    !days.is_empty() && days.iter().all(|day| (1..=31).contains(day)) && days.windows(2).all(|pair| pair[0] < pair[1])
}

fn are_kinds_apart(kinds: &[ReturnKind]) -> bool {
    match kinds {
        [] => true,
        [one, other] => one != other,
        _ => false,
    }
}

fn is_billed(kind: DocumentKind) -> bool {
    matches!(kind, DocumentKind::Invoice | DocumentKind::CreditNote)
}

fn is_a_share(target: Target) -> bool {
    target.den > 0 && (0..=target.den).contains(&target.num)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::resolve::parse::parse_all;

    /// The mistakes of a pack's policies, as a person sees them.
    fn mistakes(policies: &str) -> Vec<String> {
        let text = format!("[pack]\ntitle = \"T\"\nsource = \"t\"\n\n{policies}");
        let pack: WrittenPack = parse_all("own.toml", &text).0.expect("sound TOML");
        let own = pack.rule.iter().map(thresholds_of).collect();
        let written = WrittenPolicies {
            file: "own.toml",
            text: &text.as_str().into(),
            path: &["policy"],
            entries: &pack.policy,
            own: &own,
        };
        written.mistakes().iter().map(Diagnostic::render).collect()
    }

    fn only(policies: &str) -> String {
        let found = mistakes(policies);
        assert_eq!(found.len(), 1, "{}", found.join("\n"));
        found[0].clone()
    }

    #[test]
    fn names_that_nothing_reads_are_shown_with_the_nearest() {
        let code = only("[[policy]]\nsource = \"t\"\nthresholds.ST-0002 = { hours = 1 }\n");
        assert!(code.contains("own.toml:7:12") && code.contains("did you mean `ST-002`?"), "{code}");
        let name = only("[[policy]]\nsource = \"t\"\n[policy.thresholds]\nST-002 = { hour = 1 }\n");
        assert!(name.contains("own.toml:8:12") && name.contains("did you mean `hours`?"), "{name}");
        let metric =
            only("[[policy]]\nsource = \"t\"\ntarget.cancel_rates = { num = 1, den = 100, at_least = false }\n");
        assert!(metric.contains("own.toml:7:8") && metric.contains("did you mean `cancel_rate`?"), "{metric}");
        let near_miss = "[[policy]]\nsource = \"t\"\nthresholds.ST-002 = { hours = 1 }\n\
                         target.cancel_rate = { num = 1, den = 100, at_least = false, strict = true }\n";
        assert!(mistakes(near_miss).is_empty());
    }

    #[test]
    fn a_day_has_one_value_and_both_lines_are_named() {
        let dated = |to: &str, from: &str| {
            format!(
                "[[policy]]\nto = {to}\nsource = \"t\"\nhold_days = 14\n\n[[policy]]\nfrom = {from}\nsource = \"t\"\nhold_days = 19\n"
            )
        };
        assert!(mistakes(&dated("2020-12-31", "2021-01-01")).is_empty());
        let gap = only(&dated("2020-12-30", "2021-01-01"));
        assert!(gap.contains("gap") && gap.contains("own.toml:13:1") && gap.contains("line 8"), "{gap}");
        let overlap = only(&dated("2021-01-01", "2021-01-01"));
        assert!(
            overlap.contains("overlap") && overlap.contains("own.toml:13:1") && overlap.contains("line 8"),
            "{overlap}"
        );
        let twice = only("[[policy]]\nsource = \"t\"\nhold_days = 14\n[[policy]]\nsource = \"t\"\nhold_days = 19\n");
        assert!(twice.contains("overlap"), "{twice}");
    }

    #[test]
    fn values_that_mean_nothing() {
        for value in [
            "from = 2021-01-02\nto = 2021-01-01",
            "payout_days = []",
            "payout_days = [0, 11]",
            "payout_days = [11, 2]",
            "payout_days = [2, 32]",
            "transitions = [{ from = [], to = \"shipped\" }]",
            "transitions = [{ from = [\"new\"], to = \"packing\" }, { from = [\"shipped\"], to = \"shipped\" }]",
            "transitions = [{ from = [\"unknown\"], to = \"shipped\" }]",
            "transitions = [{ from = [\"new\"], to = \"shipped\", within_days = -1 }]",
            "returns_apart = [\"real\"]",
            "returns_apart = [\"real\", \"real\"]",
            "returns_apart = [\"real\", \"fictitious\", \"fictitious\"]",
            "number_series.return_doc = { pattern = '47.*', self_billed = true }",
            "target.cancel_rate = { num = 1, den = 0, at_least = false }",
            "target.cancel_rate = { num = 3, den = 2, at_least = false }",
        ] {
            assert!(only(&format!("[[policy]]\nsource = \"t\"\n{value}\n")).contains("CFG038"), "{value}");
        }
        assert!(mistakes("[[policy]]\nsource = \"t\"\npayout_days = [1, 31]\n").is_empty());
    }
}
