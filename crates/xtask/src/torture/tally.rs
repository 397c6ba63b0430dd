//! What became of all schedules: [`Tally`].

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::api::Api;
use super::run::Ended;

/// What became of all schedules.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) seed: u64,
    pub(super) seconds: u64,
    pub(super) violations: usize,
    classes: BTreeMap<(Api, &'static str), Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    schedules: usize,
    /// The first apply did all.
    at_once: usize,
    /// A plain apply after it did.
    after_one: usize,
    after_two: usize,
    /// It ended with exit 6, and nothing was made twice.
    undecided: usize,
    /// It ended with exit 3, and nothing was made twice.
    refused: usize,
    /// The service did more than is assumed of it.
    beyond: usize,
    violations: usize,
}

/// Whether what breaks the law is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    Violations,
    Nothing,
}

impl Tally {
    /// Counts a schedule.
    pub(super) fn add(
        &mut self,
        (number, kind, schedule): (usize, (Api, &'static str), &impl Debug),
        ended: &anyhow::Result<Ended>,
        show: Show,
    ) {
        let counts = self.classes.entry(kind).or_default();
        counts.schedules += 1;
        let problem = match ended {
            Ok(Ended::Right { runs }) => {
                match runs {
                    1 => counts.at_once += 1,
                    2 => counts.after_one += 1,
                    _ => counts.after_two += 1,
                }
                return;
            }
            Ok(Ended::Undecided) => {
                counts.undecided += 1;
                return;
            }
            Ok(Ended::Refused) => {
                counts.refused += 1;
                return;
            }
            Ok(Ended::Beyond) => {
                counts.beyond += 1;
                return;
            }
            Ok(Ended::Wrong(problem)) => problem.clone(),
            Err(error) => format!("{error:#}"),
        };
        counts.violations += 1;
        self.violations += 1;
        if show == Show::Violations {
            println!("schedule {number} broke the law: {schedule:?}\n{problem}\n");
        }
    }

    /// How many schedules were counted.
    pub(super) fn total(&self) -> usize {
        self.classes.values().map(|counts| counts.schedules).sum()
    }

    /// The counts as a table in Markdown.
    pub(super) fn table(&self) -> String {
        let mut lines = vec![
            format!("{} schedules drawn from seed {}, in {} s:", self.total(), self.seed, self.seconds),
            String::new(),
            "| API | class | schedules | right at once | after one more apply | after two | exit 6 | exit 3 | beyond what is assumed | law broken |".to_owned(),
            "|---|---|---|---|---|---|---|---|---|---|".to_owned(),
        ];
        for ((api, class), counts) in &self.classes {
            let Counts {
                schedules,
                at_once,
                after_one,
                after_two,
                undecided,
                refused,
                beyond,
                violations,
            } = counts;
            let api = api.word();
            lines.push(format!(
                "| {api} | {class} | {schedules} | {at_once} | {after_one} | {after_two} | {undecided} | {refused} | {beyond} | {violations} |"
            ));
        }
        lines.push(String::new());
        lines.join("\n")
    }
}
