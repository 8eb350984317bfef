//! The README of a sample: what lies there, and what is wrong with it.

use std::fmt::Write as _;

use crate::sample::Request;
use crate::sample::exports::WrittenFile;
use crate::sample::world::World;

/// So many keys are named, more are counted.
const NAMED: usize = 12;

/// The text of `README.md`.
pub fn readme_text(world: &World, request: &Request, files: &[WrittenFile]) -> String {
    let merchant = &world.merchant;
    let mut text = format!(
        "# Sample data\n\nWritten by `trueup sample --orders {} --seed {}{}`. Everything is invented. Orders were created from {} to \
         {}; the exports hold what had happened by the end of {}, which is the as-of date of `pipeline.toml`.\n\n\
         `truth.csv` lists the findings of a perfect run, one row each; the column `note` is for people. It is written from the plan \
         below and never from the engine.\n",
        request.orders,
        request.seed,
        if request.clean { " --clean" } else { "" },
        merchant.first_day,
        merchant.last_day,
        merchant.as_of,
    );
    push_accounts(&mut text, world);
    push_planted(&mut text, world);
    push_files(&mut text, files);
    text
}

fn push_accounts(text: &mut String, world: &World) {
    text.push_str("\n## Accounts\n\n| account | marketplace | currency | orders |\n|---|---|---|---|\n");
    for (place, account) in world.accounts.iter().enumerate() {
        let orders = world.orders.iter().filter(|order| order.account == place).count();
        let plan = &account.plan;
        let _ = writeln!(text, "| {} | {} | {} | {orders} |", plan.name, plan.marketplace, plan.currency);
    }
}

fn push_planted(text: &mut String, world: &World) {
    if world.planted.is_empty() {
        text.push_str("\n## Planted\n\nNothing: the data is honest, and a perfect run finds nothing.\n");
        return;
    }
    text.push_str(
        "\n## Planted\n\nEvery irregularity lies on orders of its own. Rows without a rule raise no finding: they end in quarantine, \
         are duplicates, or are resolved.\n\n| rule | what | count | orders or keys |\n|---|---|---|---|\n",
    );
    for planted in &world.planted {
        let mut keys =
            planted.keys.iter().take(NAMED).map(|key| key.replace('|', "\\|")).collect::<Vec<_>>().join(", ");
        if planted.keys.len() > NAMED {
            keys.push_str(", …");
        }
        let _ = writeln!(text, "| {} | {} | {} | {keys} |", planted.code, planted.what, planted.keys.len());
    }
    let rates: Vec<String> = world
        .truth
        .iter()
        .filter(|truth| truth.code.starts_with("SL-"))
        .map(|truth| format!("{} {} {} ({})", truth.code, truth.account, truth.subject, truth.note))
        .collect();
    if !rates.is_empty() {
        let _ = writeln!(text, "\nClosed months that miss a target because of it: {}.", rates.join("; "));
    }
    text.push_str(
        "\nAn earlier export of some orders lies beside the newest one; rows that differ are superseded by export date, equal ones are \
         duplicates.\n",
    );
}

fn push_files(text: &mut String, files: &[WrittenFile]) {
    text.push_str("\n## Files\n\n| file | rows |\n|---|---|\n");
    for file in files {
        let _ = writeln!(text, "| {} | {} |", file.path, file.rows);
    }
}
