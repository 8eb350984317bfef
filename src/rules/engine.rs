//! Runs the catalogue: all rules of a fact frame together, over the rows of all accounts that they ask the same.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use polars::prelude::{DataFrame, DataType, Expr, IdxCa, IdxSize, IntoLazy, PolarsError, PolarsResult, lit, when};
use rayon::prelude::*;

use crate::base::as_of::AsOf;
use crate::base::map::Map;
use crate::frame::{order_facts, read};
use crate::ingest::Ingested;
use crate::metrics::Metrics;
use crate::pipeline::policy::{Policy, PolicyBook};
use crate::pipeline::{Account, Pipeline};
use crate::reconcile::Reconciled;
use crate::rules::condition::{Comparisons, Condition, columns_of};
use crate::rules::context::Context;
use crate::rules::evidence::{Exhibits, Library, Scope};
use crate::rules::finding::Finding;
use crate::rules::keys::Keys;
use crate::rules::members::MemberIndex;
use crate::rules::own_gaps::{KnownGaps, OwnGaps};
use crate::rules::rule::{Body, Rule};
use crate::rules::suppress::suppress;
use crate::rules::text_rule::Message;
use crate::rules::unsaid::guarded;
use crate::vocab::{Remedy, Severity, Subject, Word};

/// What the catalogue found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Findings that stand, sorted.
    pub standing: Vec<Finding>,
    /// Findings that others suppress; `remedy` holds the code of the other.
    pub suppressed: Vec<Finding>,
    /// Thresholds that no pack sets: a mistake of the configuration.
    pub missing_thresholds: Vec<String>,
}

/// Runs the rules of a catalogue.
///
/// # Errors
/// A condition does not fit its frame: a bug of ours, exit 6.
pub fn find(
    catalogue: &[&'static Rule],
    pipeline: &Pipeline,
    as_of: AsOf,
    reconciled: &Reconciled,
    metrics: &Metrics,
    ingested: &Ingested,
) -> PolarsResult<Found> {
    let parts = &ingested.parts;
    let index = MemberIndex::default();
    let library =
        Library { parts: Some(parts), reconciled: Some(reconciled), metrics: Some(metrics), index: Some(&index) };
    let groups = AccountGroups::new(pipeline, as_of);
    let rules = catalogue.iter().copied().filter(|rule| pipeline.rules.runs(rule.code));
    let rules: Vec<&'static Rule> = rules.collect();
    let mut of_frames: BTreeMap<&str, (&DataFrame, Vec<&'static Rule>)> = BTreeMap::new();
    for rule in &rules {
        if let Some(facts) = library.facts(rule.subject) {
            of_frames.entry(rule.subject.frame().name).or_insert((facts, Vec::new())).1.push(rule);
        }
    }
    let mut judged: Vec<(&DataFrame, &[&'static Rule], &AccountGroup, Runs)> = Vec::new();
    for (facts, rules) in of_frames.values() {
        let rows = groups.rows(facts)?.into_iter();
        judged.extend(rows.map(|(group, rows)| (*facts, &rules[..], group, rows)));
    }
    let hits = side_by_side(&judged, |(facts, rules, group, rows)| {
        let missing = RefCell::new(Vec::new());
        let concerned = rules.iter().copied().filter(|rule| rule.concerns(group.account));
        let asked = concerned.map(|rule| Asked::new(rule, &group.context(rule, pipeline, as_of, &missing), library));
        let hits = hits(asked.collect(), facts, rows)?;
        Ok((hits.into_iter().map(|(asked, hits)| (asked, *facts, *group, hits)).collect(), missing.into_inner()))
    })?;
    let (hits, missing): (Vec<Vec<_>>, Vec<Vec<String>>) = hits.into_iter().unzip();
    let hits: Vec<(Asked, &DataFrame, &AccountGroup, Vec<IdxSize>)> = hits.into_iter().flatten().collect();
    let own_gaps = OwnGaps::new(&ingested.quarantine, parts, &reconciled.shipments)?;
    let found = side_by_side(&hits, |(asked, facts, group, hits)| {
        let missing = RefCell::new(Vec::new());
        let context = group.context(asked.rule, pipeline, as_of, &missing);
        let mut found = findings(asked, &context, facts, hits, library)?;
        let mut known = KnownGaps::default();
        found.iter_mut().for_each(|finding| own_gaps.name_in(asked.rule, finding, &mut known));
        Ok(found)
    })?;
    let mut found: Vec<Finding> = found.into_iter().flatten().collect();
    number(&mut found);
    let (standing, suppressed) = suppress(found, &suppressed_by_text(&rules), &reconciled.parent_of);
    let missing_thresholds: BTreeSet<String> = missing.into_iter().flatten().collect();
    Ok(Found { standing, suppressed, missing_thresholds: missing_thresholds.into_iter().collect() })
}

/// Rows of a frame that stand together, run by run, ascending.
type Runs = Vec<Range<usize>>;

/// `(stronger, weaker)` of the rules written as text.
fn suppressed_by_text(rules: &[&'static Rule]) -> Vec<(&'static str, &'static str)> {
    let written = rules.iter().filter_map(|rule| match &rule.body {
        Body::Text(text) => Some((rule.code, &text.written.suppresses)),
        Body::Rust { .. } => None,
    });
    written.flat_map(|(code, weaker)| weaker.iter().map(move |weaker| (code, weaker.get_ref().as_str()))).collect()
}

/// Room for the frame engine, which goes deep when it is not optimised.
const STACK: usize = 16 << 20;

/// Does all jobs on as many threads as the run has, and gives their results in the order of the jobs. A thread of the pool would take
/// up the next job while it waits for the frame engine's own threads, one upon the other, until its stack is full.
fn side_by_side<J: Sync, R: Send>(jobs: &[J], work: impl Fn(&J) -> PolarsResult<R> + Sync) -> PolarsResult<Vec<R>> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(place) else { return done };
            done.push((place, work(job)));
        }
    };
    let mut done: Vec<(usize, PolarsResult<R>)> = std::thread::scope(|scope| {
        let threads = (0..rayon::current_num_threads())
            .map(|_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, take));
        let threads: std::io::Result<Vec<_>> = threads.collect();
        let threads = threads?;
        let done = threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| PolarsError::ComputeError("a rule could not be evaluated".into())));
        done.collect::<PolarsResult<Vec<_>>>()
    })?
    .into_iter()
    .flatten()
    .collect();
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Sorts findings, and numbers those with the same keys.
fn number(found: &mut [Finding]) {
    found.par_sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    for place in 1..found.len() {
        if found[place].keys() == found[place - 1].keys() {
            found[place].ordinal = found[place - 1].ordinal + 1;
        }
    }
}

/// Accounts that rules ask the same: their rows are judged together.
pub struct AccountGroup<'run> {
    /// One of them; `None`: there is no account.
    account: Option<&'run Account>,
    policy: Arc<Policy>,
}

/// All accounts; the first group is of no account.
pub struct AccountGroups<'run> {
    groups: Vec<AccountGroup<'run>>,
    of_accounts: Map<&'run str, usize>,
}

impl<'run> AccountGroups<'run> {
    /// The accounts of a pipeline, by what they are asked on a day.
    pub fn new(pipeline: &'run Pipeline, as_of: AsOf) -> AccountGroups<'run> {
        let common = pipeline.pack("common").map(|pack| pack.policies.at(as_of.0));
        let common = common.unwrap_or_else(|| PolicyBook::default().at(as_of.0));
        let mut all = AccountGroups {
            groups: vec![AccountGroup { account: None, policy: common.into() }],
            of_accounts: Map::default(),
        };
        for account in &pipeline.accounts {
            let alike = |group: &AccountGroup<'_>| group.account.is_some_and(|other| are_alike(account, other));
            let known = all.groups.iter().position(alike);
            if known.is_none() {
                all.groups.push(AccountGroup { account: Some(account), policy: account.policy(as_of.0).into() });
            }
            all.of_accounts.insert(&account.name, known.unwrap_or(all.groups.len() - 1));
        }
        all
    }

    /// The group of an account.
    pub fn of(&self, account: &str) -> &AccountGroup<'run> {
        &self.groups[self.place(account)]
    }

    /// The place of that group.
    pub(super) fn place(&self, account: &str) -> usize {
        self.of_accounts.get(account).copied().unwrap_or(0)
    }

    /// The rows of a frame whose accounts are of each group, ascending.
    fn rows(&self, facts: &DataFrame) -> PolarsResult<Vec<(&AccountGroup<'run>, Runs)>> {
        let mut rows: BTreeMap<usize, Runs> = BTreeMap::new();
        for (account, run) in read::texts(facts, order_facts::account)?.runs() {
            let runs = rows.entry(self.place(account)).or_default();
            match runs.last_mut() {
                Some(last) if last.end == run.start => last.end = run.end,
                _ => runs.push(run),
            }
        }
        Ok(rows.into_iter().map(|(group, rows)| (&self.groups[group], rows)).collect())
    }
}

/// Whether rules ask two accounts the same. What distinguishes policies mostly stands last.
fn are_alike(a: &Account, b: &Account) -> bool {
    let entries = |account: &Account| account.policies.entries.len();
    let same_policy = || a.policies.entries.iter().rev().eq(b.policies.entries.iter().rev());
    (&a.marketplace, a.timezone, a.complete, &a.traits) == (&b.marketplace, b.timezone, b.complete, &b.traits)
        && entries(a) == entries(b)
        && same_policy()
}

impl AccountGroup<'_> {
    /// What a rule may ask of the accounts on the as-of day.
    pub fn context<'m>(
        &self,
        rule: &Rule,
        pipeline: &Pipeline,
        as_of: AsOf,
        missing: &'m RefCell<Vec<String>>,
    ) -> Context<'m> {
        let severity = pipeline.rules.severity.get(rule.code).copied();
        Context { severity, ..Context::new(rule.code, self.account, self.policy.clone(), as_of, missing) }
    }
}

const SEVERITY: &str = "severity of the finding";
const MONEY: &str = "money of the finding";
const REMEDY: &str = "remedy of the finding";
const DUE: &str = "deadline of the finding";

/// What a rule asks of the facts of some accounts.
struct Asked {
    rule: &'static Rule,
    /// All must hold.
    when: Vec<Expr>,
    /// Severity, money, remedy and deadline of a finding.
    told: [Expr; 4],
}

impl Asked {
    fn new(rule: &'static Rule, context: &Context, library: Library<'_>) -> Asked {
        let spared = |condition: Expr| match library.parts {
            Some(parts) => guarded(condition, rule.subject.frame(), parts),
            None => condition,
        };
        let severities = rule.severity(context);
        let worst = severities.when.into_iter().map(|(condition, severity)| (condition, severity.text()));
        let instead = (rule.remedy_unless)().into_iter().map(|(condition, remedy)| (condition, remedy.text()));
        let nothing = || lit(polars::prelude::NULL);
        Asked {
            rule,
            when: rule.conditions(context).into_iter().map(|(_, condition)| spared(condition)).collect(),
            told: [
                first_of(worst.collect(), severities.otherwise.text()).alias(SEVERITY),
                rule.money(context).unwrap_or_else(nothing).cast(DataType::Int64).alias(MONEY),
                first_of(instead.collect(), rule.remedy.text()).alias(REMEDY),
                rule.due(context).unwrap_or_else(nothing).cast(DataType::Int32).alias(DUE),
            ],
        }
    }
}

/// The word of the first condition that holds, else another.
fn first_of(words: Vec<(Expr, &'static str)>, otherwise: &'static str) -> Expr {
    words.into_iter().rev().fold(lit(otherwise), |otherwise, (condition, word)| {
        when(condition.fill_null(lit(false))).then(lit(word)).otherwise(otherwise)
    })
}

/// So many rows are judged at once: what is compared of them stays in the caches.
const BATCH: usize = 1 << 16;

/// The rows for which all conditions of each rule hold; rules that find nothing are left out.
fn hits(asked: Vec<Asked>, facts: &DataFrame, rows: &[Range<usize>]) -> PolarsResult<Vec<(Asked, Vec<IdxSize>)>> {
    let mut comparisons = Comparisons::default();
    let taken = |asked: &Asked, comparisons: &mut Comparisons| {
        Condition::All(asked.when.iter().map(|condition| comparisons.take(condition.clone())).collect())
    };
    let conditions: Vec<Condition> = asked.iter().map(|asked| taken(asked, &mut comparisons)).collect();
    let compared = facts.select(comparisons.columns())?;
    let mut hits: Vec<(Asked, Vec<IdxSize>)> = asked.into_iter().map(|asked| (asked, Vec::new())).collect();
    for batch in batches(rows) {
        let places = || batch.iter().cloned().flatten().map(|row| row as IdxSize);
        let rows = match &batch[..] {
            [one] => compared.slice(one.start as i64, one.len()),
            _ => compared.take(&IdxCa::from_vec("rows".into(), places().collect()))?,
        };
        let height = rows.height();
        let judged = comparisons.judge(rows)?;
        for ((_, hits), condition) in hits.iter_mut().zip(&conditions) {
            let holds = condition.holds(&judged, height);
            match &batch[..] {
                _ if holds.unset_bits() == height => {}
                [one] => hits.extend(holds.true_idx_iter().map(|row| (one.start + row) as IdxSize)),
                _ => hits.extend(places().zip(holds.iter()).filter_map(|(place, holds)| holds.then_some(place))),
            }
        }
    }
    hits.retain(|(_, hits)| !hits.is_empty());
    Ok(hits)
}

/// Ranges of rows cut and gathered so that each batch holds so many rows.
fn batches(rows: &[Range<usize>]) -> Vec<Vec<Range<usize>>> {
    let mut batches: Vec<Vec<Range<usize>>> = Vec::new();
    let mut room = 0;
    for mut rest in rows.iter().cloned() {
        while !rest.is_empty() {
            if room == 0 {
                batches.push(Vec::new());
                room = BATCH;
            }
            let taken = rest.start..rest.end.min(rest.start + room);
            (rest.start, room) = (taken.end, room - taken.len());
            batches.last_mut().into_iter().for_each(|batch| batch.push(taken.clone()));
        }
    }
    batches
}

/// The findings of one rule over some facts.
///
/// # Errors
/// A condition does not fit the frame: a bug of ours.
pub fn run(
    rule: &'static Rule,
    context: &Context,
    facts: &DataFrame,
    library: Library<'_>,
) -> PolarsResult<Vec<Finding>> {
    let hits = hits(vec![Asked::new(rule, context, library)], facts, std::slice::from_ref(&(0..facts.height())))?;
    let found = hits.iter().map(|(asked, hits)| findings(asked, context, facts, hits, library));
    Ok(found.collect::<PolarsResult<Vec<_>>>()?.into_iter().flatten().collect())
}

/// What is found of the rows that a rule hits. Only the columns that it looks at are gathered.
fn findings(
    asked: &Asked,
    context: &Context,
    facts: &DataFrame,
    hits: &[IdxSize],
    library: Library<'_>,
) -> PolarsResult<Vec<Finding>> {
    let rule = asked.rule;
    let looked_at = columns_of(asked.told.iter().chain([&order_facts::account.expr()]));
    let rows = facts.select(looked_at)?.take(&IdxCa::from_vec("rows".into(), hits.to_vec()))?;
    let told = rows.lazy().with_columns(&asked.told).collect()?;
    let (severities, remedies) = (told.column(SEVERITY)?.str()?, told.column(REMEDY)?.str()?);
    let (money, due) = (told.column(MONEY)?.i64()?, told.column(DUE)?.i32()?);
    let keys = Keys::read(rule.subject, facts)?;
    let accounts = read::texts(facts, order_facts::account)?;
    let marketplaces = read::texts(facts, order_facts::marketplace)?;
    let currencies = read::texts(facts, rule.subject.currency()).ok();
    let of_order = matches!(rule.subject, Subject::Order | Subject::OrderAndNumber);
    let has_tolerance = of_order || rule.subject == Subject::Statement;
    let tolerances = has_tolerance.then(|| read::numbers(facts, order_facts::tolerance)).transpose()?;
    // Thresholds are those of the as-of day; amounts and dates of an order those of its own day. Both are named where they differ.
    let own_versions = of_order.then(|| read::texts(facts, order_facts::policy_version)).transpose()?;
    let today = context.policy.version.as_str();
    let version = |row: usize| {
        let own = own_versions.as_ref().map_or(today, |versions| versions.at(row));
        let policy = if own.is_empty() || own == today { today.into() } else { Cow::Owned(format!("{own}/{today}")) };
        format!("{} {}@{policy}", rule.version, marketplaces.at(row))
    };
    let scope = Scope { library, zone: context.zone, today: context.today() };
    let exhibits = Exhibits::new(scope, facts, rule.subject.frame(), rule.evidence)?;
    let message = match &rule.body {
        Body::Text(text) if !text.message.is_empty() => Some(Message::new(text, facts)?),
        _ => None,
    };
    let [mut account, mut marketplace, mut currency, mut rule_version] = [(); 4].map(|()| Repeated::default());
    let finding = |(place, row): (usize, &IdxSize)| {
        let row = *row as usize;
        let money_of = currencies.as_ref().map_or("", |currencies| currencies.at(row));
        let [order_no, shipment, statement, subject] = keys.of(row).map(Box::from);
        let amount = money.get(place).map(i64::abs).filter(|_| !money_of.is_empty());
        let mut evidence = exhibits.gather(row, money_of);
        evidence.extend(message.as_ref().map(|message| message.of(row, money_of, context.zone)));
        Finding {
            code: rule.code,
            severity: severities.get(place).and_then(Severity::of).unwrap_or(Severity::Info),
            account: account.share(accounts.at(row)),
            marketplace: marketplace.share(marketplaces.at(row)),
            order_no,
            shipment,
            statement,
            subject,
            money: amount,
            currency: currency.share(if amount.is_some() { money_of } else { "" }),
            due: due.get(place),
            rule_version: rule_version.share(&version(row)),
            evidence,
            remedy: remedies.get(place).and_then(Remedy::of).map_or("", Word::text),
            tolerance: tolerances.as_ref().and_then(|known| known.at(row)).unwrap_or(0),
            ordinal: 1,
        }
    };
    Ok(hits.iter().enumerate().map(finding).collect())
}

/// A text that mostly is that of the row before.
#[derive(Default)]
struct Repeated(Arc<str>);

impl Repeated {
    fn share(&mut self, text: &str) -> Arc<str> {
        if &*self.0 != text {
            self.0 = text.into();
        }
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::build::FrameBuilder;
    use crate::frame::source_facts;
    use crate::pipeline::Pack;
    use crate::pipeline::policy::PolicyEntry;

    fn account(name: String, tolerance: Option<i64>, complete: bool) -> Arc<Account> {
        let own = PolicyEntry { tolerance_least: tolerance, ..PolicyEntry::default() };
        Arc::new(Account {
            name,
            marketplace: "m".into(),
            pack: Arc::new(Pack::default()),
            currency: "CZK".into(),
            timezone: chrono_tz::UTC,
            traits: BTreeSet::new(),
            policies: PolicyBook { entries: vec![PolicyEntry::default(), own] },
            calendar: None,
            complete,
            own_delivery_activation_date: None,
        })
    }

    /// A run asks each rule once a group: accounts cost no more than their rows.
    #[test]
    fn accounts_that_rules_ask_the_same_are_judged_together() {
        let accounts = (0..1_000).map(|n| account(format!("a{n:03}"), (n % 10 == 3).then_some(7), n % 2 == 0));
        let pipeline = Pipeline { accounts: accounts.collect(), ..Pipeline::default() };
        let groups = AccountGroups::new(&pipeline, AsOf("2026-12-11".parse().unwrap()));
        assert_eq!(groups.groups.len(), 4, "none, complete, other, with a tolerance of its own");
        let names = pipeline.accounts.iter().map(|account| account.name.as_str()).chain(["of no account"]);
        let mut built = FrameBuilder::new(&source_facts::FRAME, 1_001);
        built.texts(source_facts::account, names);
        let facts = built.finish().unwrap();
        let rows = groups.rows(&facts).unwrap();
        let counts: Vec<usize> = rows.iter().map(|(_, rows)| rows.iter().map(ExactSizeIterator::len).sum()).collect();
        assert_eq!(counts, [1, 500, 400, 100]);
        assert_eq!((rows[0].1[0].clone(), rows[3].1[0].clone()), (1_000..1_001, 3..4));
        let policies = rows.iter().map(|(group, _)| group.policy.entry.tolerance_least);
        assert_eq!(policies.collect::<Vec<_>>(), [None, None, None, Some(7)]);
    }

    #[test]
    fn batches_hold_so_many_rows() {
        let cut = batches(&[0..3, 5..BATCH + 10, BATCH + 20..BATCH + 21]);
        assert_eq!(cut, [vec![0..3, 5..BATCH + 2], vec![BATCH + 2..BATCH + 10, BATCH + 20..BATCH + 21]]);
        assert!(batches(&[]).is_empty());
    }
}
