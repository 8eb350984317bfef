//! `[[golden.code]]`, `[[golden.history]]` and `[[golden.number]]`: what a carrier pack makes of codes and numbers.

use crate::base::text;
use crate::golden::{Facts, yes_or_no};
use crate::ingest::words::read_code;
use crate::pipeline::Pack;
use crate::pipeline::pack::Vocabulary;
use crate::pipeline::written::golden::{GivenCode, GivenHistory, GivenNumber};
use crate::reconcile::carrier_outcome::{Event, ParcelHistory};
use crate::reconcile::shipments::is_legal_number;
use crate::vocab::Word;

fn vocabulary<'pack>(pack: &'pack Pack, name: &str) -> Result<&'pack Vocabulary, String> {
    pack.vocabularies.get(name).ok_or_else(|| format!("no vocabulary `{name}` in {}", pack.name))
}

pub(super) fn code_facts(given: &GivenCode, pack: &Pack) -> Result<Facts, String> {
    let code = read_code(vocabulary(pack, &given.vocabulary)?, &given.code);
    Ok(Facts::from([("code", code.text().to_owned())]))
}

pub(super) fn history_facts(given: &GivenHistory, pack: &Pack) -> Result<Facts, String> {
    let vocabulary = vocabulary(pack, &given.vocabulary)?;
    let mut history = ParcelHistory::default();
    for (place, code) in (0..).zip(&given.codes) {
        let event = Event { at: place, on: 0, day_only: false, row: place.unsigned_abs() };
        history.take(read_code(vocabulary, code), event);
    }
    Ok(Facts::from([
        ("outcome", history.outcome().0.text().to_owned()),
        ("latest", history.latest_outcome().0.text().to_owned()),
    ]))
}

pub(super) fn number_facts(given: &GivenNumber, pack: &Pack) -> Facts {
    let compared = text::tracking_number(&given.number);
    Facts::from([
        ("legal", yes_or_no(is_legal_number(&given.number))),
        ("shape", yes_or_no(pack.number.has_shape(&compared))),
        ("check", pack.number.check(&compared).text().to_owned()),
        ("compared_as", compared),
    ])
}
