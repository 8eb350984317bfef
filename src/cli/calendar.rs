//! `trueup calendar PACK --from D --to D`: payout days with their shifts and reasons, or the days of a calendar.

use std::path::Path;

use chrono::{Days, NaiveDate};

use crate::base::business_calendar::{BeyondCalendar, BusinessCalendar};
use crate::base::text::likest;
use crate::cli::args::CalendarArguments;
use crate::cli::paint;
use crate::diagnose::{Exit, render_all};
use crate::pipeline::policy::{PolicyBook, PolicyEntry};
use crate::pipeline::{Pack, find_pack};
use crate::reconcile::payout::{asked_day, nominal_payout_day};

pub(super) fn calendar(arguments: &CalendarArguments) -> Exit {
    if arguments.to < arguments.from {
        paint::error("--to lies before --from");
        return Exit::Usage;
    }
    let pack = match find_pack(Path::new("."), &["marketplaces", "calendars"], &arguments.pack) {
        Ok(pack) => pack,
        Err(mistakes) => {
            paint::diagnostics(&mistakes);
            return Exit::Usage;
        }
    };
    let shown = match &pack.calendar {
        Some(calendar) => rest_days(calendar, arguments.from, arguments.to).map_err(|beyond| beyond.to_string()),
        None => policies(&pack, arguments.profile.as_deref())
            .and_then(|policies| payout_calendars(&pack, &policies, arguments.from, arguments.to)),
    };
    match shown {
        Ok(true) => Exit::Clean,
        Ok(false) => {
            paint::error(&format!("{} pays by no calendar", pack.name));
            Exit::Usage
        }
        Err(reason) => {
            paint::error(&reason);
            Exit::Usage
        }
    }
}

/// The policy of a pack, and of a profile of it.
fn policies(pack: &Pack, profile: Option<&str>) -> Result<PolicyBook, String> {
    let mut policies = pack.policies.clone();
    if let Some(name) = profile {
        let known = || pack.profiles.keys().map(String::as_str);
        let entries = pack.profiles.get(name).ok_or_else(|| {
            let near = likest(name, known()).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            format!("{} has no profile {name}{near}", pack.name)
        })?;
        policies.entries.extend(entries.iter().cloned());
    }
    Ok(policies)
}

fn rest_days(calendar: &BusinessCalendar, from: NaiveDate, to: NaiveDate) -> Result<bool, BeyondCalendar> {
    calendar.is_working_day(from)?;
    calendar.is_working_day(to)?;
    let rows: Vec<Vec<String>> = calendar
        .rest_days
        .range(from..=to)
        .map(|(day, name)| vec![day.to_string(), day.format("%a").to_string(), name.clone()])
        .collect();
    paint::table(&["rest day", "", "name"], &rows);
    let working =
        from.iter_days().take_while(|day| *day <= to).filter(|day| calendar.is_working_day(*day) == Ok(true)).count();
    paint::line(&format!("{working} working days from {from} to {to} in {}", calendar.name));
    Ok(true)
}

/// The days on which money is sent in a range, by currency.
fn payout_calendars(pack: &Pack, policies: &PolicyBook, from: NaiveDate, to: NaiveDate) -> Result<bool, String> {
    let mut shown = false;
    for (currency, calendar_name) in &pack.payout_calendar {
        let found = find_pack(Path::new("."), &[], calendar_name).map_err(|mistakes| render_all(&mistakes))?;
        let found = found.calendar.clone();
        let calendar = found.ok_or_else(|| format!("{} names no calendar: {calendar_name}", pack.name))?;
        let mut rows = Vec::new();
        let mut last = None;
        // Money sent within the range may have been billed, and its nominal day may lie, up to some weeks before it.
        for billing in (from - Days::new(60)).iter_days().take_while(|day| *day <= to) {
            let policy = policies.at(billing).entry;
            let Some(nominal) = nominal_of(&policy, billing) else { continue };
            if last == Some(nominal) || nominal < calendar.from || nominal > to {
                continue;
            }
            last = Some(nominal);
            let sent = calendar.on_or_after(nominal).map_err(|beyond| beyond.to_string())?;
            if from <= sent && sent <= to {
                rows.push(payout_row(nominal, sent, billings(billing, nominal, &policy), &calendar));
            }
        }
        paint::line(&format!("{} in {currency}, {}", pack.title, calendar.name));
        paint::table(&["nominal", "sent", "for billing dates", "why"], &rows);
        shown |= !rows.is_empty();
    }
    Ok(shown)
}

/// The nominal payout day of a billing date by a policy.
fn nominal_of(policy: &PolicyEntry, billing: NaiveDate) -> Option<NaiveDate> {
    nominal_payout_day(asked_day(policy, billing), policy.payout_days.as_deref()?, policy.cutoff?)
}

/// First and last billing date that a nominal payout day pays.
fn billings(billing: NaiveDate, nominal: NaiveDate, policy: &PolicyEntry) -> (NaiveDate, NaiveDate) {
    let pays = |day: NaiveDate| nominal_of(policy, day) == Some(nominal);
    let mut first = billing;
    while first.pred_opt().is_some_and(pays) {
        first = first - Days::new(1);
    }
    let mut last = billing;
    while last.succ_opt().is_some_and(pays) {
        last = last + Days::new(1);
    }
    (first, last)
}

fn payout_row(
    nominal: NaiveDate,
    sent: NaiveDate,
    billing: (NaiveDate, NaiveDate),
    calendar: &BusinessCalendar,
) -> Vec<String> {
    let why: Vec<String> = nominal.iter_days().take_while(|day| *day < sent).map(|day| reason(day, calendar)).collect();
    vec![
        nominal.to_string(),
        format!("{sent} {}", sent.format("%a")),
        format!("{} to {}", billing.0, billing.1),
        why.join(", "),
    ]
}

/// Why nothing is sent on a day.
fn reason(day: NaiveDate, calendar: &BusinessCalendar) -> String {
    calendar.rest_days.get(&day).cloned().unwrap_or_else(|| day.format("%A").to_string())
}
