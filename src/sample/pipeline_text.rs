//! The pipeline that runs on the sample.

use std::fmt::Write as _;

use crate::sample::SampleError;
use crate::sample::exports::glob;
use crate::sample::merchant::{AccountPlan, Merchant, SourcePlan, Way, merchant};
use crate::sample::packs::Packs;

/// The pipeline's text; every file pattern begins with `prefix`, which leads from the pipeline's folder to the sample's.
///
/// # Errors
/// When the plan names a layout that no pack has.
pub fn pipeline_text(prefix: &str) -> Result<String, SampleError> {
    let merchant = merchant()?;
    let mut packs = Packs::default();
    let mut text = head(&merchant);
    for account in &merchant.accounts {
        push_account(&mut text, account);
    }
    for source in &merchant.sources {
        push_source(&mut text, source, &glob(&packs.layout(&source.layout)?.file), prefix);
    }
    Ok(text)
}

fn head(merchant: &Merchant) -> String {
    let packs: Vec<String> = merchant.pipeline.packs.iter().map(|pack| format!("  \"{pack}\",\n")).collect();
    format!(
        "# Written by `trueup sample`. The layouts are those of the packs; keys written here would win over them.\n\n\
         [pipeline]\nname = \"{}\"\nas_of = \"{}\"\npacks = [\n{}]\n",
        merchant.pipeline.name,
        merchant.as_of,
        packs.concat(),
    )
}

fn push_account(text: &mut String, account: &AccountPlan) {
    let _ = write!(
        text,
        "\n[[account]]\nname = \"{}\"\nmarketplace = \"{}\"\ncurrency = \"{}\"\ntimezone = \"{}\"\n",
        account.name, account.marketplace, account.currency, account.timezone,
    );
    if let Some(payer) = &account.payer {
        let _ = writeln!(text, "payout_calendar = \"{}\"", payer.calendar);
    }
    if account.way != Way::Supplier {
        let _ = writeln!(text, "complete = {}", account.complete);
    }
    if let Some(day) = account.own_delivery_activation_date {
        let _ = writeln!(text, "own_delivery_activation_date = \"{day}\"");
    }
}

fn push_source(text: &mut String, source: &SourcePlan, glob: &str, prefix: &str) {
    let _ = write!(text, "\n[[source]]\nname = \"{}\"\n", source.name);
    if let Some(account) = &source.account {
        let _ = writeln!(text, "account = \"{account}\"");
    }
    let _ = write!(text, "layout = \"{}\"\nglob = \"{prefix}{glob}\"\n", source.layout);
    if let Some(carrier) = &source.carrier {
        let _ = writeln!(text, "carrier = \"{carrier}\"");
    }
    if let Some(timezone) = &source.timezone {
        let _ = writeln!(text, "timezone = \"{timezone}\"");
    }
    let _ = writeln!(text, "if_absent = \"{}\"", if source.optional { "warn" } else { "error" });
    if source.may_be_empty() {
        text.push_str("allow_empty = true\n");
    }
    if !source.personal.is_empty() {
        let _ = writeln!(text, "personal = {:?}", source.personal);
    }
}
