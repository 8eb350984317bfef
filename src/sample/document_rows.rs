//! Invoices, set-offs, return documents and credit notes of an account that buys on delivery.

use chrono::{Days, NaiveDate};

use crate::sample::SampleError;
use crate::sample::biller::{Amounts, Biller, of_line, of_order, of_service};
use crate::sample::cell::{Record, Value};
use crate::sample::merchant::AccountPlan;
use crate::sample::order::{Order, Sent};
use crate::sample::world::World;

/// One line of a document.
#[derive(Debug, Clone, Default)]
pub struct DocumentRow<'a> {
    doc_no: String,
    kind: &'static str,
    line_kind: &'static str,
    order_no: &'a str,
    return_no: &'a str,
    sku: &'a str,
    qty: Option<i64>,
    issued: Option<NaiveDate>,
    due: Option<NaiveDate>,
    requested: Option<NaiveDate>,
    amounts: Amounts,
    difference: Option<i64>,
    transport: bool,
    cod: bool,
    fictitious: bool,
}

impl Record for DocumentRow<'_> {
    fn cell(&self, field: &str) -> Value<'_> {
        let day = |day: Option<NaiveDate>| day.map_or(Value::Empty, Value::Day);
        match field {
            "doc_no" => Value::text(&self.doc_no),
            "kind_raw" => Value::word("document_kind", self.kind),
            "line_kind" => Value::word("document_line_kind", self.line_kind),
            "order_no" => Value::text(self.order_no),
            "return_no" => Value::text(self.return_no),
            "sku" => Value::text(self.sku),
            "qty" => self.qty.map_or(Value::Empty, Value::Int),
            "issued" => day(self.issued),
            "due" => day(self.due),
            "requested_on" => day(self.requested),
            "net" => Value::Money(self.amounts.net),
            "vat" => Value::Money(self.amounts.vat),
            "gross" => Value::Money(self.amounts.gross),
            "difference" => self.difference.map_or(Value::Empty, Value::Money),
            "includes_transport" => Value::Flag(self.transport),
            "includes_cod" => Value::Flag(self.cod),
            "is_fictitious" => Value::Flag(self.fictitious),
            _ => Value::Empty,
        }
    }
}

/// An account's documents of one day.
pub type Issue<'a> = (NaiveDate, Vec<DocumentRow<'a>>);

fn parts(world: &World, account: usize) -> Option<(&AccountPlan, &Biller)> {
    let account = &world.accounts[account];
    Some((&account.plan, account.biller.as_ref()?))
}

/// Orders that an invoice of this day bills: set delivered since the invoice before, whatever was set later.
fn billed<'a>(world: &'a World, account: usize, biller: &'a Biller, day: NaiveDate) -> impl Iterator<Item = &'a Order> {
    world.orders.iter().filter(move |order| {
        let set = order.delivered_set.filter(|set| *set < world.end);
        order.account == account
            && !order.test
            && order.flaw.is_none()
            && set.is_some_and(|set| biller.invoice_after(set) == day)
    })
}

/// Lines of one order: its items, or one of them, transport and COD fee when nothing is left out.
fn lines<'a>(
    world: &'a World,
    plan: &AccountPlan,
    order: &'a Order,
    only: Option<usize>,
    head: &DocumentRow<'a>,
) -> Result<Vec<DocumentRow<'a>>, SampleError> {
    let mut rows = Vec::new();
    let chosen = |place: &usize| only.is_none_or(|only| only == *place);
    for (_, line) in order.lines.iter().enumerate().filter(|(place, _)| chosen(place)) {
        let qty = if only.is_some() { 1 } else { line.qty };
        rows.push(DocumentRow {
            line_kind: "item",
            sku: &world.merchant.articles[line.article].sku,
            qty: Some(qty),
            amounts: of_line(line, qty, plan.vat_ppm, plan.commission_ppm)?,
            ..head.clone()
        });
    }
    for (line_kind, gross) in [("transport", order.postage), ("cod_fee", order.cod_fee)] {
        if only.is_none() && gross > 0 {
            let amounts = of_service(gross, plan.vat_ppm)?;
            rows.push(DocumentRow { line_kind, amounts, ..head.clone() });
        }
    }
    Ok(rows)
}

/// Self-billing invoices, by day of issue.
///
/// # Errors
/// When an amount leaves the range of money.
pub fn invoices(world: &World, account: usize) -> Result<Vec<Issue<'_>>, SampleError> {
    let Some((plan, biller)) = parts(world, account) else { return Ok(Vec::new()) };
    let mut issues = Vec::new();
    for (place, day) in biller.invoice_days().into_iter().enumerate() {
        let mut rows = Vec::new();
        for order in billed(world, account, biller, day).filter(|order| !order.unbilled) {
            let head = DocumentRow {
                doc_no: if order.misnumbered { biller.mistyped_invoice(place) } else { biller.invoice(place) },
                kind: "invoice",
                order_no: &order.number,
                issued: Some(day),
                due: Some(day + Days::new(biller.plan().due_days)),
                ..DocumentRow::default()
            };
            rows.extend(lines(world, plan, order, None, &head)?);
        }
        issues.push((day, rows));
    }
    Ok(issues)
}

/// Set-offs, by day of issue: the invoice against the cash that the merchant's own carriers collected. The balance is negative
/// when the marketplace owes (rulebook §1.8).
///
/// # Errors
/// When an amount leaves the range of money.
pub fn set_offs(world: &World, account: usize) -> Result<Vec<Issue<'_>>, SampleError> {
    let Some((plan, biller)) = parts(world, account) else { return Ok(Vec::new()) };
    let mut issues = Vec::new();
    for invoiced in biller.invoice_days() {
        let day = invoiced + Days::new(biller.plan().set_off_after_days);
        if day > world.merchant.as_of {
            continue;
        }
        let mut owed = 0;
        let mut collected = Vec::new();
        for order in billed(world, account, biller, invoiced) {
            if !order.unbilled {
                owed += of_order(order, plan.vat_ppm, plan.commission_ppm)?.gross;
            }
            if order.cod && order.sent != Sent::OwnService {
                collected.push((order.number.as_str(), order.cod_amount()));
            }
        }
        let held: i64 = collected.iter().map(|(_, amount)| amount).sum();
        let head = DocumentRow {
            doc_no: biller.set_off(day),
            kind: "offset",
            issued: Some(day),
            due: Some(day + Days::new(biller.plan().due_days)),
            difference: Some(held - owed),
            ..DocumentRow::default()
        };
        let row = |line_kind, order_no, gross| DocumentRow {
            line_kind,
            order_no,
            amounts: Amounts { gross, ..Amounts::default() },
            ..head.clone()
        };
        let mut rows = vec![row("offset_invoice", "", -owed)];
        rows.extend(collected.into_iter().map(|(order_no, amount)| row("offset_order", order_no, amount)));
        issues.push((day, rows));
    }
    Ok(issues)
}

/// Return documents asked for by the as-of date.
///
/// # Errors
/// When an amount leaves the range of money.
pub fn returns(world: &World, account: usize) -> Result<Vec<DocumentRow<'_>>, SampleError> {
    let Some((plan, _)) = parts(world, account) else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    for order in world.orders.iter().filter(|order| order.account == account) {
        let Some(claim) = &order.claim else { continue };
        let head = DocumentRow {
            doc_no: claim.return_no.clone(),
            kind: "return_doc",
            order_no: &order.number,
            return_no: &claim.return_no,
            requested: Some(claim.requested),
            fictitious: claim.fictitious,
            ..DocumentRow::default()
        };
        rows.extend(lines(world, plan, order, claim.line, &head)?);
    }
    Ok(rows)
}

/// Credit notes issued by the as-of date.
///
/// # Errors
/// When an amount leaves the range of money.
pub fn credit_notes(world: &World, account: usize) -> Result<Vec<DocumentRow<'_>>, SampleError> {
    let Some((plan, _)) = parts(world, account) else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    for order in world.orders.iter().filter(|order| order.account == account) {
        let Some(claim) = &order.claim else { continue };
        let Some((doc_no, issued)) = claim.credit.as_ref().filter(|(_, issued)| *issued <= world.merchant.as_of) else {
            continue;
        };
        let head = DocumentRow {
            doc_no: doc_no.clone(),
            kind: "credit_note",
            order_no: &order.number,
            return_no: &claim.return_no,
            issued: Some(*issued),
            transport: claim.line.is_none(),
            cod: claim.line.is_none() && order.cod_fee > 0,
            fictitious: claim.fictitious,
            ..DocumentRow::default()
        };
        for mut row in lines(world, plan, order, claim.line, &head)? {
            if claim.without_qty {
                row.qty = None;
            }
            rows.push(row);
        }
    }
    Ok(rows)
}
