//! What happens to one offer: [`change_text`].

use offerctl_model::field::Field;
use offerctl_model::offer_type::OfferType;
use offerctl_reconcile::diff::{Cause, FieldChange};
use offerctl_reconcile::matching::Rule;
use offerctl_reconcile::plan::{Action, Change, LostCountries};

use super::field::{Causes, push_field};
use super::prices;
use crate::render::approval::sold_words;
use crate::render::flow::Flow;
use crate::render::page::{Page, Tone};

/// The columns that the lines of an offer are indented by.
const INDENT: usize = 4;

/// The most columns that the names of fields get; what follows a longer one stands where it ends.
const NAMES: usize = 24;

/// Writes what happens to an offer: a line, and below it what approves it, why, and each field that changes.
pub(crate) fn change_text(change: &Change, approved: &[String], page: Page) -> String {
    let causes = Causes::of(change);
    let mut text = head(change, causes).lay(page, 0, INDENT) + "\n";
    if let Some(sold) = &change.sold {
        let mut flow = Flow::new();
        flow.text(None, &sold_words(sold));
        push_block(&mut text, &flow, page);
    }
    for line in approved {
        let mut flow = Flow::new();
        flow.text(Tone::Good, "approved:").space().text(None, line);
        push_block(&mut text, &flow, page);
    }
    for sentence in reasons(change) {
        let mut flow = Flow::new();
        flow.prose(None, &sentence);
        push_block(&mut text, &flow, page);
    }
    for lost in &change.lost {
        let mut flow = Flow::new();
        flow.prose(Tone::Bad, &lost_words(lost));
        push_block(&mut text, &flow, page);
    }
    let is_price = |field: &&FieldChange| field.path.field == Field::Price;
    let prices: Vec<&FieldChange> = change.fields.iter().filter(is_price).collect();
    let as_table = prices.len() > 1;
    let names = change
        .fields
        .iter()
        .filter(|field| !as_table || field.path.field != Field::Price)
        .map(|field| field.path.to_string().chars().count());
    let names = names.max().unwrap_or(0).min(NAMES);
    let mut table = as_table.then(|| prices::text(change.action, &prices, causes, page));
    for field in &change.fields {
        if as_table && field.path.field == Field::Price {
            text.push_str(&table.take().unwrap_or_default());
            continue;
        }
        let path = field.path.to_string();
        let begin = INDENT + path.chars().count().max(names) + 2;
        text.extend([&" ".repeat(INDENT), path.as_str()]);
        text.push_str(&" ".repeat(begin - INDENT - path.chars().count()));
        let hang = begin.min(INDENT + NAMES + 2);
        let mut flow = Flow::new();
        push_field(&mut flow, change.action, field, causes);
        text.push_str(&flow.lay(page, begin, hang));
        text.push('\n');
    }
    text
}

fn head(change: &Change, causes: Causes) -> Flow {
    let tone = match change.action {
        Action::Create | Action::Activate | Action::Adopt => Tone::Good,
        Action::Update => Tone::Change,
        Action::Replace | Action::Deactivate | Action::Forget => Tone::Bad,
    };
    let is_adopted = change.adopted.is_some() && change.action != Action::Adopt;
    let adopted = if is_adopted { ", adopted" } else { "" };
    let mut flow = Flow::new();
    flow.text(
        tone,
        &format!("{} {}", change.action.symbol(), change.action.as_str()),
    );
    flow.text(
        None,
        &format!(" {} ({}{adopted})", change.name, change.offer_type),
    );
    if let Some(id) = &change.id {
        flow.text(None, &format!(" {id}"));
    }
    if let Some(rule) = change.adopted {
        flow.text(None, ", ").text(Tone::Faint, rule_words(rule));
    }
    if let Some(cause) = causes.shared().filter(|cause| *cause != Cause::Adopted) {
        flow.text(None, ", ");
        flow.text(Tone::Faint, Causes::words(cause));
    }
    flow
}

/// What tells that a live offer is the declared one.
fn rule_words(rule: Rule) -> &'static str {
    match rule {
        Rule::Binding => "bound already",
        Rule::Ids => "named by its id",
        Rule::Marker => "it has our marker",
        Rule::Tombstone => "it was ours before",
        Rule::Equal => "equal in all declared fields",
        Rule::TitleAndUrl => "equal in title and url",
    }
}

/// Why the action is what it is, and what comes of it.
pub(crate) fn reasons(change: &Change) -> Vec<String> {
    let mut reasons = Vec::new();
    match (&change.reason, change.action) {
        (Some(reason), _) => reasons.push(format!("because {reason}")),
        (None, Action::Deactivate) => {
            reasons.push("because no manifest declares it any more".to_owned());
        }
        (None, Action::Forget) => reasons.push(
            "because no manifest declares it any more, and it was deactivated already".to_owned(),
        ),
        (None, _) => {}
    }
    if change.action == Action::Replace {
        let who = if change.offer_type == OfferType::Subscription {
            "existing subscribers"
        } else {
            "its customers"
        };
        reasons.push(format!(
            "the new offer is made first, then this one is deactivated; {who} stay on it"
        ));
    }
    reasons
}

/// The countries that an offer is no longer sold to.
pub(crate) fn lost_words(lost: &LostCountries) -> String {
    let mut words: Vec<String> = lost.countries.iter().map(ToString::to_string).collect();
    if lost.every_other {
        words.push("every country that its new whitelist does not name".to_owned());
    }
    let place = lost
        .row
        .map_or_else(String::new, |row| format!(" (localization {row})"));
    format!("no longer sold in {}{place}", words.join(", "))
}

fn push_block(text: &mut String, flow: &Flow, page: Page) {
    text.push_str(&" ".repeat(INDENT));
    text.push_str(&flow.lay(page, INDENT, INDENT + 2));
    text.push('\n');
}
