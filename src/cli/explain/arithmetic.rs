//! The arithmetic of one order, step by step: what each line is worth, when it is billed and paid, what is taken back, what was paid.

use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsResult};
use serde_json::Value;

use crate::base::money::{self, net_of};
use crate::base::zone::date_of;
use crate::cli::explain::facts::{Facts, percent};
use crate::frame::{clawback_facts, documents, order_facts as f, order_lines as l, orders, payout_lines as p, read};
use crate::pipeline::policy::PolicyEntry;
use crate::publish::archive::Archive;
use crate::reconcile::order_lines::CommissionTerms;
use crate::reconcile::payout::next_invoice;
use crate::report::texts::Texts;
use crate::vocab::{DocumentKind, SettlementState, Trait, Word};

/// The steps, each one line for a person.
pub(super) fn steps(archive: &Archive, fact: &Facts) -> PolarsResult<Vec<String>> {
    let key = fact.text(f::order_key)?;
    let currency = fact.currency()?;
    let mut steps = lines(&archive.rows_with(&l::FRAME, l::order_key, &[&key])?, &order_rate(archive, &key)?, fact)?;
    steps.extend(amounts(fact)?);
    steps.extend(dates(archive, fact)?);
    let clawbacks = archive.rows_with(&clawback_facts::FRAME, clawback_facts::order_key, &[&key])?;
    steps.extend(taken_back(&clawbacks, &currency, fact.texts)?);
    if let Some(parent) = parent_of(archive, &key)? {
        let lines = archive.rows_with(&p::FRAME, p::order_key, &[&parent])?;
        steps.extend(
            paid_lines(&lines, &currency, fact.texts)?
                .into_iter()
                .map(|line| fact.texts.fill("explain.shared_out", &[("line", &line), ("parent", &parent)])),
        );
    }
    steps.extend(paid(&archive.rows_with(&p::FRAME, p::order_key, &[&key])?, fact)?);
    Ok(steps)
}

/// Key of the sale that the order is a part of.
fn parent_of(archive: &Archive, key: &str) -> PolarsResult<Option<String>> {
    let rows = archive.rows_with(&orders::FRAME, orders::order_key, &[key])?;
    let parent = read::texts(&rows, orders::parent_order_no)?.iter().next().unwrap_or_default().to_owned();
    let account = key.split_once('/').map_or("", |(account, _)| account);
    Ok((!parent.is_empty()).then(|| format!("{account}/{parent}")))
}

/// The commission rate of the whole order, where its export has one.
fn order_rate(archive: &Archive, key: &str) -> PolarsResult<Option<i64>> {
    let rows = archive.rows_with(&orders::FRAME, orders::order_key, &[key])?;
    Ok(read::numbers(&rows, orders::commission_ppm)?.iter().next().flatten())
}

/// One step per order line: pieces × price, and the commission or the net purchase price of what is left.
fn lines(rows: &DataFrame, order_rate: &Option<i64>, fact: &Facts) -> PolarsResult<Vec<String>> {
    let (qty, gone) = (read::numbers(rows, l::qty)?, read::numbers(rows, l::qty_cancelled)?);
    let (price, vat) = (read::numbers(rows, l::unit_price_gross)?, read::numbers(rows, l::vat_ppm)?);
    let (rates, skus) = (read::numbers(rows, l::commission_ppm)?, read::texts(rows, l::sku)?);
    let currency = fact.currency()?;
    let shown = |amount: i64| money::to_decimal(amount, &currency);
    let buys = fact.has(Trait::BuysOnDelivery);
    let terms = policy_of(fact)?;
    let terms = terms.as_ref().map(CommissionTerms::of).unwrap_or_default();
    let texts = fact.texts;
    let line = |row: usize| {
        let (qty, gone, price) = (qty.at(row).unwrap_or(0), gone.at(row).unwrap_or(0), price.at(row).unwrap_or(0));
        let left = price * (qty - gone);
        let (all, gone) = (qty.to_string(), (gone != 0).then(|| gone.to_string()));
        let pieces = gone.map_or(all.clone(), |gone| texts.fill("explain.pieces", &[("all", &all), ("gone", &gone)]));
        let worth = format!("{} {pieces} × {} = {}", skus.at(row), shown(price), shown(left));
        let tail = match (rates.at(row).or(*order_rate), vat.at(row).filter(|_| buys)) {
            (None, _) => texts.say("explain.commission_by_policy").to_owned(),
            (Some(rate), Some(vat)) => net_of(left, vat, rate)
                .map(|net| {
                    let values = [("vat", percent(vat)), ("rate", percent(rate)), ("net", shown(net))];
                    texts.fill("explain.line_net", &values.each_ref().map(|(name, value)| (*name, value.as_str())))
                })
                .unwrap_or_default(),
            (Some(rate), None) => terms
                .commission(left, vat.at(row), rate)
                .map(|commission| {
                    texts.fill(
                        "explain.line_commission",
                        &[("rate", &percent(rate)), ("commission", &shown(commission))],
                    )
                })
                .unwrap_or_default(),
        };
        texts.fill("explain.line", &[("worth", worth.trim_start()), ("tail", &tail)])
    };
    Ok((0..rows.height()).map(line).collect())
}

/// What the lines and services add up to.
fn amounts(fact: &Facts) -> PolarsResult<Vec<String>> {
    let of = |column| fact.text(column);
    let texts = fact.texts;
    let currency = fact.currency()?;
    let (expected, claim) = (of(f::expected_payout)?, of(f::claim_net)?);
    if of(f::settlement_state)? == SettlementState::Cancelled.text() && of(f::payout_on)?.is_empty() {
        return Ok(vec![texts.say("explain.cancelled_whole").to_owned()]);
    }
    let (goods, due) = (fact.number(f::goods)?, fact.number(f::cash_expected)?);
    let (Some(goods), Some(due)) = (goods, due) else { return Ok(Vec::new()) };
    let mut steps = Vec::new();
    let with_fee = match of(f::cod_fee)?.as_str() {
        "" => String::new(),
        fee => texts.fill("explain.with_cod_fee", &[("fee", fee)]),
    };
    let shown = |amount: i64| money::to_decimal(amount, &currency);
    if of(f::settlement_state)? == SettlementState::Cancelled.text() {
        steps.push(texts.fill("explain.cancelled_late", &[("due", &shown(due)), ("currency", &currency)]));
        return Ok(steps);
    }
    steps.push(texts.fill(
        "explain.expected",
        &[
            ("goods", &shown(goods)),
            ("cancelled", &of(f::goods_cancelled)?),
            ("commission", &of(f::commission)?),
            ("postage", &of(f::postage)?),
            ("fee", &with_fee),
            ("expected", &expected),
            ("currency", &currency),
        ],
    ));
    if fact.has(Trait::BuysOnDelivery) && !claim.is_empty() {
        steps.push(texts.fill("explain.claim_net", &[("claim", &claim), ("currency", &currency)]));
    }
    let (invoiced, noted) = (fact.number(f::invoiced)?, fact.number(f::credit_noted)?.unwrap_or(0));
    let billed = invoiced.filter(|_| fact.has(Trait::BuysOnDelivery));
    let gross = match (billed, fact.number(f::claim_gross)?) {
        (Some(billed), Some(own)) => {
            steps.push(texts.fill(
                "explain.invoiced",
                &[
                    ("invoice", &shown(billed)),
                    ("notes", &shown(noted)),
                    ("rounding", &shown(billed - own)),
                    ("currency", &currency),
                ],
            ));
            Some(billed - noted)
        }
        (Some(billed), None) => Some(billed - noted),
        (None, own) => own,
    };
    let held = gross.map_or(0, |gross| gross - due);
    if fact.has(Trait::SetsOffCod) && held != 0 {
        steps.push(texts.fill(
            "explain.cash_held",
            &[("gross", &shown(due + held)), ("held", &shown(held)), ("due", &shown(due)), ("currency", &currency)],
        ));
    }
    Ok(steps)
}

/// From the received day to the payout.
fn dates(archive: &Archive, fact: &Facts) -> PolarsResult<Vec<String>> {
    let texts = fact.texts;
    let (received, billing, payout) =
        (fact.text(f::delivered_on)?, fact.text(f::billing_on)?, fact.text(f::payout_on)?);
    if payout.is_empty() && !billing.is_empty() {
        let overdue = fact.text(f::payout_overdue_on)?;
        let until = (!overdue.is_empty()).then(|| texts.fill("explain.unpaid_after", &[("day", &overdue)]));
        let until = until.unwrap_or_default();
        return Ok(vec![texts.fill("explain.on_demand", &[("billing", &billing), ("until", &until)])]);
    }
    if payout.is_empty() {
        let state = fact.text(f::settlement_state)?;
        return Ok(vec![texts.fill("explain.not_due", &[("state", texts.word("settlement", &state))])]);
    }
    let days = [("received", received.as_str()), ("billing", &billing), ("payout", &payout)];
    let mut steps = vec![texts.fill("explain.days", &days)];
    steps.extend(schedule(fact)?);
    if fact.has(Trait::InvoicesByPeriod) {
        steps.extend(invoice(archive, fact)?);
    } else if let (Some(received), Some(billing), false) =
        (fact.day(f::delivered_on)?, fact.day(f::billing_on)?, holds_from_another_event(fact)?)
    {
        steps.push(texts.fill("explain.billing_after", &[("days", &(billing - received).to_string())]));
    }
    if let Some(day) = fact.day(f::payout_on)?.and_then(date_of) {
        let weekday = day.format("%a").to_string().to_lowercase();
        let values = [("weekday", texts.word("weekday", &weekday)), ("day", &day.to_string())];
        steps.push(texts.fill("explain.sent_on", &values));
    }
    let alternative = fact.text(f::payout_on_alternative)?;
    if !alternative.is_empty() {
        steps.push(texts.fill("explain.contested", &[("alternative", &alternative)]));
    }
    Ok(steps)
}

/// The day of which the policy is in force for the order: its receipt, before that its creation.
fn policy_day(fact: &Facts) -> PolarsResult<Option<NaiveDate>> {
    Ok(fact.day(f::delivered_on)?.or(fact.day(f::created_on)?).and_then(date_of))
}

/// The policy in force for the order.
fn policy_of(fact: &Facts) -> PolarsResult<Option<PolicyEntry>> {
    Ok(policy_day(fact)?.zip(fact.account).map(|(day, account)| account.policy(day).entry))
}

fn holds_from_another_event(fact: &Facts) -> PolarsResult<bool> {
    Ok(policy_of(fact)?.is_some_and(|policy| policy.hold_from.is_some()))
}

/// Who wrote keys of a policy, and from which day they hold.
type WhoseKeys<'p> = (&'p str, Option<NaiveDate>);

/// Keys of a policy that the dates of a payout follow.
const SCHEDULE: [&str; 10] = [
    "hold_days",
    "hold_from",
    "hold_days_untracked",
    "count_day_zero",
    "payout_days",
    "cutoff",
    "payout_lag_days",
    "billing_period",
    "due_days",
    "payout_grace_days",
];

/// The keys that the dates follow, with the values in force for the order, one step for each pack or pipeline that wrote some.
fn schedule(fact: &Facts) -> PolarsResult<Vec<String>> {
    let (Some(account), Some(day)) = (fact.account, policy_day(fact)?) else { return Ok(Vec::new()) };
    let in_force: Vec<(&PolicyEntry, Value)> = account
        .policies
        .entries
        .iter()
        .filter(|entry| entry.holds_on(day))
        .map(|entry| (entry, serde_json::to_value(entry).unwrap_or_default()))
        .collect();
    let shown = |value: &Value| match value {
        Value::String(word) => word.clone(),
        Value::Object(keys) => {
            let set = keys.iter().filter_map(|(key, value)| Some(format!("{key} = {}", value.as_str()?)));
            format!("{{ {} }}", set.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string().replace(',', ", "),
    };
    let mut steps: Vec<(WhoseKeys<'_>, Vec<String>)> = Vec::new();
    for key in SCHEDULE {
        // A later entry wins.
        let Some((entry, keys)) = in_force.iter().rfind(|(_, keys)| !keys[key].is_null()) else { continue };
        let written = (entry.author.as_str(), entry.from);
        let told = format!("{key} = {}", shown(&keys[key]));
        match steps.iter_mut().find(|(known, _)| *known == written) {
            Some((_, keys)) => keys.push(told),
            None => steps.push((written, vec![told])),
        }
    }
    let step = |((author, from), keys): (WhoseKeys<'_>, Vec<String>)| {
        let version = from.map(|from| format!("@{from}")).unwrap_or_default();
        let (id, name) = if author.is_empty() {
            ("explain.by_pipeline", account.name.as_str())
        } else {
            ("explain.by_pack", author)
        };
        fact.texts.fill(id, &[("pack", &format!("{name}{version}")), ("keys", &keys.join(", "))])
    };
    Ok(steps.into_iter().map(step).collect())
}

/// From the receipt to the due date of what is invoiced by period: the invoice of the order, or the next one of the account.
fn invoice(archive: &Archive, fact: &Facts) -> PolarsResult<Vec<String>> {
    let texts = fact.texts;
    use documents as d;
    let columns = [d::account, d::kind, d::order_key, d::doc_no, d::issued, d::due];
    let frame = archive.columns(&documents::FRAME, &columns)?;
    let (accounts, kinds) = (read::texts(&frame, documents::account)?, read::texts(&frame, documents::kind)?);
    let (keys, numbers) = (read::texts(&frame, documents::order_key)?, read::texts(&frame, documents::doc_no)?);
    let (issued, due) = (read::days(&frame, documents::issued)?, read::days(&frame, documents::due)?);
    let (account, key) = (fact.text(f::account)?, fact.text(f::order_key)?);
    let invoices: Vec<usize> = (0..frame.height())
        .filter(|row| accounts.at(*row) == account && kinds.at(*row) == DocumentKind::Invoice.text())
        .collect();
    let of_order: Vec<usize> = invoices.iter().copied().filter(|row| keys.at(*row) == key).collect();
    let shown = |day: Option<i32>| day.and_then(date_of).map(|day| day.to_string()).unwrap_or_default();
    let (period, term) =
        policy_of(fact)?.map_or((0, 0), |policy| (policy.billing_period.unwrap_or(0), policy.due_days.unwrap_or(0)));
    let Some(received) = fact.day(f::delivered_on)? else { return Ok(Vec::new()) };
    let last = invoices.iter().filter_map(|row| issued.at(*row)).max();
    let first = of_order.first().copied();
    let stated = first.and_then(|row| Some((row, issued.at(row)?)));
    let (mut steps, invoice_on) = match stated {
        Some((row, day)) => {
            let values = [("invoice", numbers.at(row)), ("day", &shown(Some(day)))];
            (vec![texts.fill("explain.invoice", &values)], day)
        }
        None => {
            let day = next_invoice(received, last, period as i32);
            let values = [("day", shown(Some(day))), ("last", shown(last)), ("days", period.to_string())];
            let id = if last.is_some() { "explain.next_invoice" } else { "explain.first_invoice" };
            (vec![texts.fill(id, &values.each_ref().map(|(name, value)| (*name, value.as_str())))], day)
        }
    };
    steps.push(match of_order.iter().find_map(|row| due.at(*row)) {
        Some(due) => texts.fill("explain.invoice_due", &[("day", &shown(Some(due)))]),
        None => {
            let (day, days) = (shown(Some(invoice_on + term as i32)), term.to_string());
            texts.fill("explain.due_after", &[("day", &day), ("days", &days)])
        }
    });
    Ok(steps)
}

fn taken_back(rows: &DataFrame, currency: &str, texts: &Texts) -> PolarsResult<Vec<String>> {
    let amounts = read::numbers(rows, clawback_facts::amount)?;
    let (cancelled, payout) =
        (read::days(rows, clawback_facts::cancelled_on)?, read::days(rows, clawback_facts::payout_on)?);
    let unknown = || texts.say("explain.unknown_day").to_owned();
    let text = |day: Option<i32>| day.and_then(date_of).map_or_else(unknown, |day| day.to_string());
    let step = |row: usize| {
        let amount = money::to_decimal(amounts.at(row).unwrap_or(0), currency);
        texts.fill(
            "explain.taken_back",
            &[
                ("cancelled", &text(cancelled.at(row))),
                ("amount", &amount),
                ("currency", currency),
                ("day", &text(payout.at(row))),
            ],
        )
    };
    Ok((0..rows.height()).map(step).collect())
}

/// Every payout line; its currency where it is another than the order's.
fn paid_lines(rows: &DataFrame, currency: &str, texts: &Texts) -> PolarsResult<Vec<String>> {
    let (kinds, amounts) = (read::texts(rows, p::kind)?, read::numbers(rows, p::amount)?);
    let (sent, posted) = (read::days(rows, p::paid_on)?, read::days(rows, p::posted)?);
    let ids = read::texts(rows, p::statement_id)?;
    let codes = read::texts(rows, p::currency)?;
    let line = |row: usize| {
        let day = sent.at(row).or(posted.at(row)).and_then(date_of).map(|day| day.to_string()).unwrap_or_default();
        let amount = money::to_decimal(amounts.at(row).unwrap_or(0), codes.at(row));
        let code = if codes.at(row) == currency { String::new() } else { format!(" {}", codes.at(row)) };
        texts.fill(
            "explain.paid_line",
            &[("day", &day), ("statement", ids.at(row)), ("kind", kinds.at(row)), ("amount", &amount), ("code", &code)],
        )
    };
    Ok((0..rows.height()).map(line).collect())
}

/// Every payout line, and the sum beside what is expected.
fn paid(rows: &DataFrame, fact: &Facts) -> PolarsResult<Vec<String>> {
    let currency = fact.currency()?;
    let texts = fact.texts;
    let mut steps = paid_lines(rows, &currency, texts)?;
    let rate = fact.text(f::fx_rate)?;
    if !rate.is_empty() {
        steps.push(texts.fill("explain.converted", &[("rate", &rate)]));
    }
    let (paid, expected) = (fact.number(f::paid)?, fact.number(f::expected_payout)?);
    if let Some(paid) = paid {
        let shown = |amount: i64| money::to_decimal(amount, &currency);
        steps.push(match expected {
            Some(expected) => {
                let (difference, paid, expected) = (shown(paid - expected), shown(paid), shown(expected));
                texts.fill(
                    "explain.difference",
                    &[("paid", &paid), ("expected", &expected), ("difference", &difference), ("currency", &currency)],
                )
            }
            None => texts.fill("explain.paid", &[("paid", &shown(paid)), ("currency", &currency)]),
        });
    }
    Ok(steps)
}
