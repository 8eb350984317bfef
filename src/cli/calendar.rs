//! `trueup calendar PACK --from D --to D`: payout days with their shifts and reasons, or the days of a calendar.

use chrono::{Days, NaiveDate};

use crate::base::business_calendar::{BeyondCalendar, BusinessCalendar};
use crate::cli::args::CalendarArguments;
use crate::cli::paint;
use crate::diagnose::Exit;
use crate::pipeline::policy::PolicyEntry;
use crate::pipeline::{Pack, embedded_pack};
use crate::reconcile::payout::{asked_day, nominal_payout_day};

pub(super) fn calendar(arguments: &CalendarArguments) -> Exit {
    if arguments.to < arguments.from {
        paint::error("--to lies before --from");
        return Exit::Usage;
    }
    let name = &arguments.pack;
    let found = [name.clone(), format!("marketplaces/{name}"), format!("calendars/{name}")]
        .into_iter()
        .find_map(|name| embedded_pack(&name).ok());
    let Some(pack) = found else {
        // The first name is what was typed: its diagnostic names the nearest pack.
        paint::diagnostics(&embedded_pack(name).err().unwrap_or_default());
        return Exit::Usage;
    };
    let shown = match &pack.calendar {
        Some(calendar) => rest_days(calendar, arguments.from, arguments.to),
        None => payout_calendars(&pack, arguments.from, arguments.to),
    };
    match shown {
        Ok(true) => Exit::Clean,
        Ok(false) => {
            paint::error(&format!("{} pays by no calendar", pack.name));
            Exit::Usage
        }
        Err(beyond) => {
            paint::error(&beyond.to_string());
            Exit::Usage
        }
    }
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

fn payout_calendars(pack: &Pack, from: NaiveDate, to: NaiveDate) -> Result<bool, BeyondCalendar> {
    let mut shown = false;
    for (currency, calendar_name) in &pack.payout_calendar {
        let Some(calendar) = embedded_pack(calendar_name).ok().and_then(|pack| pack.calendar.clone()) else { continue };
        let mut rows = Vec::new();
        let mut last = None;
        // A payout day within the range can be shifted from a nominal day up to two weeks before it.
        for billing in (from - Days::new(45)).iter_days().take_while(|day| *day <= to) {
            let policy = pack.policies.at(billing).entry;
            let Some(nominal) = nominal_of(&policy, billing) else { continue };
            if last == Some(nominal) || nominal < from || nominal > to {
                continue;
            }
            last = Some(nominal);
            rows.push(payout_row(nominal, billings(billing, nominal, &policy), &calendar)?);
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
    billing: (NaiveDate, NaiveDate),
    calendar: &BusinessCalendar,
) -> Result<Vec<String>, BeyondCalendar> {
    let sent = calendar.on_or_after(nominal)?;
    let why = match calendar.rest_days.get(&nominal) {
        Some(name) => name.clone(),
        None if sent != nominal => nominal.format("%A").to_string(),
        None => String::new(),
    };
    Ok(vec![
        nominal.to_string(),
        format!("{sent} {}", sent.format("%a")),
        format!("{} to {}", billing.0, billing.1),
        why,
    ])
}
