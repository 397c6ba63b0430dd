//! The rules in force, and how often each was met: [`FaultPlan`].

use crate::fault::FaultRule;

/// All rules in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultPlan(Vec<Counted>);

#[derive(Clone, Debug)]
struct Counted {
    rule: FaultRule,
    met: u64,
}

impl FaultPlan {
    /// Adds a rule after the others; it counts from now on.
    pub(crate) fn add(&mut self, rule: FaultRule) {
        self.0.push(Counted { rule, met: 0 });
    }

    /// Removes all rules.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Counts a call of that method for every rule about it, and returns the first rule that covers it.
    pub(crate) fn draw(&mut self, method: &str) -> Option<FaultRule> {
        let mut drawn = None;
        for Counted { rule, met } in &mut self.0 {
            if rule.is_about(method) {
                *met += 1;
                if drawn.is_none() && rule.covers(*met) {
                    drawn = Some(rule.clone());
                }
            }
        }
        drawn
    }

    /// Finds the first call of a request that a rule lets the service refuse whole, with that rule; the calls up to it
    /// are counted. Without such a call nothing is counted.
    pub(crate) fn draw_refusal<'a>(
        &mut self,
        methods: impl Iterator<Item = &'a str>,
    ) -> Option<(usize, FaultRule)> {
        let mut ahead = self.clone();
        for (index, method) in methods.enumerate() {
            let drawn = ahead.draw(method);
            if let Some(rule) = drawn.filter(|rule| rule.action().refuses_whole()) {
                *self = ahead;
                return Some((index, rule));
            }
        }
        None
    }
}

impl FromIterator<FaultRule> for FaultPlan {
    fn from_iter<T: IntoIterator<Item = FaultRule>>(rules: T) -> Self {
        let mut plan = Self::default();
        for rule in rules {
            plan.add(rule);
        }
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rules: &[&str], calls: &[&str], expected: &[Option<&str>]) {
        let mut plan: FaultPlan = rules
            .iter()
            .map(|rule| FaultRule::parse(rule).unwrap())
            .collect();
        let drawn: Vec<_> = calls
            .iter()
            .map(|method| plan.draw(method).map(|rule| rule.to_string()))
            .collect();
        let drawn: Vec<_> = drawn.iter().map(Option::as_deref).collect();
        assert_eq!(drawn, expected);
    }

    #[test]
    fn rule_counts_only_calls_that_match() {
        check(
            &["create*#2=cut"],
            &["createPassOffer", "getPassOffer", "createEventOffer"],
            &[None, None, Some("create*#2=cut")],
        );
    }

    #[test]
    fn first_match_wins_and_the_others_count_on() {
        check(
            &["*#1=cut", "*#2=garbage", "*=double"],
            &["getPassOffer", "getPassOffer", "getPassOffer"],
            &[Some("*#1=cut"), Some("*#2=garbage"), Some("*=double")],
        );
    }

    #[test]
    fn no_rule_is_no_fault() {
        check(&[], &["getPassOffer"], &[None]);
    }
}
