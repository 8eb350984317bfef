//! `[[golden.day]]`: a day of a calendar pack.

use crate::golden::{Facts, yes_or_no};
use crate::pipeline::Pack;
use crate::pipeline::written::golden::GivenDay;

pub(super) fn facts(given: &GivenDay, pack: &Pack) -> Result<Facts, String> {
    let calendar = pack.calendar.as_ref().ok_or_else(|| format!("{} is no calendar", pack.name))?;
    let works = calendar.is_working_day(given.day).map_err(|beyond| beyond.to_string())?;
    let next = calendar.on_or_after(given.day).map_err(|beyond| beyond.to_string())?;
    Ok(Facts::from([
        ("rest_day", yes_or_no(calendar.rest_days.contains_key(&given.day))),
        ("working_day", yes_or_no(works)),
        ("on_or_after", next.to_string()),
    ]))
}
