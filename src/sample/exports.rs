//! Writes every export of the merchant, in the layouts of its packs.

use std::path::{Path, PathBuf};

use chrono::{Datelike, Days, NaiveDate};

use crate::frame::shipments;
use crate::pipeline::written::layout::Layout;
use crate::sample::SampleError;
use crate::sample::cell::Record;
use crate::sample::document_rows::{credit_notes, invoices, returns, set_offs};
use crate::sample::form::Form;
use crate::sample::history_rows::history_rows;
use crate::sample::label_rows::label_rows;
use crate::sample::merchant::{Holds, SourcePlan};
use crate::sample::order::{Line, Order};
use crate::sample::order_rows::{order_rows, shop_rows};
use crate::sample::payout_rows::statements;
use crate::sample::postage_rows::postage_months;
use crate::sample::remittance_rows::remittances;
use crate::sample::supplier_rows::{channel_rows, supplier_rows};
use crate::sample::tracking_rows::scan_rows;
use crate::sample::world::{World, midnight};
use crate::sample::{write_csv, write_xlsx};

/// One file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenFile {
    /// Path below the sample's folder, with `/`.
    pub path: String,
    /// Rows of data.
    pub rows: u64,
}

/// Writes all exports below `out`.
///
/// # Errors
/// When a layout does not fit or a file cannot be written.
pub fn write_exports(world: &mut World, out: &Path) -> Result<Vec<WrittenFile>, SampleError> {
    let mut files = Vec::new();
    for source in world.merchant.sources.clone() {
        let layout = world.packs.layout(&source.layout)?;
        Export { world, source: &source, layout: &layout, out, files: &mut files }.write()?;
    }
    Ok(files)
}

struct Export<'a> {
    world: &'a World,
    source: &'a SourcePlan,
    layout: &'a Layout,
    out: &'a Path,
    files: &'a mut Vec<WrittenFile>,
}

impl Export<'_> {
    fn write(mut self) -> Result<(), SampleError> {
        let world = self.world;
        let as_of = world.merchant.as_of;
        match self.source.holds {
            Holds::Orders => self.orders(),
            Holds::Payouts => {
                for statement in statements(world, self.account()?)? {
                    self.file(statement.payout.sent, statement.rows())?;
                }
                Ok(())
            }
            Holds::Postage => {
                for (month, rows) in postage_months(world, self.account()?) {
                    self.file(month, rows.into_iter())?;
                }
                Ok(())
            }
            Holds::History => self.file(as_of, history_rows(world, self.account()?)),
            Holds::Invoices => self.issues(invoices(world, self.account()?)?),
            Holds::SetOffs => self.issues(set_offs(world, self.account()?)?),
            Holds::Returns => self.file(as_of, returns(world, self.account()?)?.into_iter()),
            Holds::CreditNotes => self.file(as_of, credit_notes(world, self.account()?)?.into_iter()),
            Holds::Shop => self.file(as_of, shop_rows(world, self.account()?)),
            Holds::Channel => self.file(as_of, channel_rows(world, self.account()?)),
            Holds::Supplier => {
                let account = self.source.account.as_deref().unwrap_or_default();
                self.file(as_of, supplier_rows(world, account))
            }
            Holds::Tracking => {
                let carrier = world.merchant.carrier_index(self.source.carrier.as_deref().unwrap_or_default())?;
                self.file(as_of, scan_rows(world, carrier))
            }
            Holds::Remittances => {
                for remittance in remittances(world, self.account()?, self.named_carrier()?) {
                    self.file(remittance.sent, remittance.rows(world))?;
                }
                Ok(())
            }
            Holds::Transfers => {
                let carrier = world.merchant.carrier_index(self.source.carrier.as_deref().unwrap_or_default())?;
                let sent = remittances(world, self.account()?, carrier);
                self.file(as_of, sent.iter().map(|remittance| remittance.transfer(world)))
            }
            Holds::Labels => self.file(as_of, label_rows(world, self.account()?, self.named_carrier()?)),
        }
    }

    fn issues<R: Record>(&mut self, issues: Vec<(NaiveDate, Vec<R>)>) -> Result<(), SampleError> {
        for (day, rows) in issues {
            self.file(day, rows.into_iter())?;
        }
        Ok(())
    }

    fn orders(&mut self) -> Result<(), SampleError> {
        let (world, account) = (self.world, self.account()?);
        let merchant = &world.merchant;
        if self.source.older_export {
            let end = midnight(merchant.older_export + Days::new(1));
            let chosen =
                move |order: &Order| order.created.date() >= world.merchant.older_from && lines_stay(order, world, end);
            self.file(merchant.older_export, order_rows(world, account, self.layout, end, chosen))?;
        }
        self.file(merchant.as_of, order_rows(world, account, self.layout, world.end, |_| true))
    }

    /// The carrier that the layout names.
    fn named_carrier(&self) -> Result<usize, SampleError> {
        let named = self.layout.constants.get(shipments::carrier.name);
        self.world.merchant.carrier_index(named.map_or("", String::as_str))
    }

    fn account(&self) -> Result<usize, SampleError> {
        let name = self.source.account.as_deref().unwrap_or_default();
        let place = self.world.merchant.account_index(name);
        place.ok_or_else(|| SampleError::Plan(format!("source {} has no account", self.source.name)))
    }

    /// Nobody issues a paper that says nothing, and few orders leave days without one; other exports may be empty.
    fn file<R: Record>(&mut self, day: NaiveDate, rows: impl Iterator<Item = R>) -> Result<(), SampleError> {
        let mut rows = rows.peekable();
        if rows.peek().is_none() && !self.source.may_be_empty() {
            return Ok(());
        }
        let name = dated(&self.layout.file, day);
        let path = self.out.join(&name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|source| SampleError::Io { path: PathBuf::from(folder), source })?;
        }
        let form = Form::of(self.layout, self.currency())?;
        let rows = if self.layout.xlsx.is_some() {
            write_xlsx::write_xlsx(&path, &form, day, rows)?
        } else {
            write_csv::write_csv(&path, &form, rows)?
        };
        self.files.push(WrittenFile { path: name, rows });
        Ok(())
    }

    /// A dump without an account has amounts with two places, like all currencies of the merchant.
    fn currency(&self) -> &str {
        let accounts = &self.world.merchant.accounts;
        let own = accounts.iter().find(|account| Some(&account.name) == self.source.account.as_ref());
        own.or(accounts.first()).map_or("", |account| account.currency.as_str())
    }
}

/// Nothing is planted on the order, and none of its lines changes after the earlier export: only the order's own columns may.
fn lines_stay(order: &Order, world: &World, end: chrono::NaiveDateTime) -> bool {
    let changed = |line: &Line| line.cancelled.is_some_and(|time| time >= end && time < world.end);
    !order.taken && order.flaw.is_none() && !order.lines.iter().any(changed)
}

/// A file name with the parts of a day.
pub fn dated(pattern: &str, day: NaiveDate) -> String {
    pattern
        .replace("{yyyy}", &format!("{:04}", day.year()))
        .replace("{mm}", &format!("{:02}", day.month()))
        .replace("{dd}", &format!("{:02}", day.day()))
}

/// The pattern that finds all files of a layout.
pub fn glob(pattern: &str) -> String {
    match (pattern.find('{'), pattern.rfind('}')) {
        (Some(from), Some(to)) => format!("{}*{}", &pattern[..from], &pattern[to + 1..]),
        _ => pattern.to_owned(),
    }
}
