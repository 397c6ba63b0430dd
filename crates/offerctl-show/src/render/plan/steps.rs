//! The steps of a plan in their order: [`steps_text`].

use offerctl_reconcile::plan::{Plan, Step, StepId};

use crate::render::flow::Flow;
use crate::render::page::Page;

/// Writes the steps of a plan in their order, with what each waits for.
pub fn steps_text(plan: &Plan, page: Page) -> String {
    let mut text = String::from("Steps:\n");
    for (id, step) in plan.numbered_steps() {
        let number = format!("{:>4}. ", id.0 + 1);
        let mut flow = Flow::new();
        flow.text(None, &step_words(plan, step));
        text.push_str(&number);
        text.push_str(&flow.lay(page, number.len(), number.len() + 2));
        text.push('\n');
    }
    text
}

fn step_words(plan: &Plan, step: &Step) -> String {
    let mut words = format!(
        "{} {} ({})",
        step.operation.verb(),
        step.name,
        step.offer_type
    );
    if let Some(id) = step.operation.id() {
        words.push(' ');
        words.push_str(&id.to_string());
    }
    if let Some(country) = step.operation.country() {
        words.push_str(" in ");
        words.push_str(country.as_str());
    }
    if !step.needs.is_empty() {
        let number = |need: &StepId| (need.0 + 1).to_string();
        let needs: Vec<String> = step.needs.iter().map(number).collect();
        words.push_str("; needs ");
        words.push_str(&needs.join(", "));
    }
    for group in &step.after {
        if let Some(group) = plan.groups.get(group.0 as usize) {
            words.push_str("; after all with `");
            words.push_str(&group.tag.to_string());
            words.push('`');
        }
    }
    words
}
