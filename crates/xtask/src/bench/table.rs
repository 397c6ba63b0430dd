//! What was measured, and the tables of it: [`Line`].

use std::fmt::Write;
use std::time::Duration;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Milliseconds,
    Megabytes,
    Count,
}

/// A figure of several runs.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    unit: Unit,
    /// Sorted, and never empty.
    values: Vec<f64>,
}

impl Figure {
    /// Takes what each run measured.
    pub(super) fn new(unit: Unit, values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self { unit, values }
    }

    /// Takes how long each run took.
    pub(super) fn time(values: impl IntoIterator<Item = Duration>) -> Self {
        let milliseconds = values.into_iter().map(|value| value.as_secs_f64() * 1000.0);
        Self::new(Unit::Milliseconds, milliseconds)
    }

    /// Takes one number of bytes.
    #[expect(
        clippy::cast_precision_loss,
        reason = "nobody counts so many bytes here"
    )]
    pub(super) fn bytes(bytes: u64) -> Self {
        Self::new(Unit::Megabytes, [bytes as f64 / 1e6])
    }

    /// Takes one number of things.
    #[expect(
        clippy::cast_precision_loss,
        reason = "nobody counts so many things here"
    )]
    pub(super) fn count(count: u64) -> Self {
        Self::new(Unit::Count, [count as f64])
    }

    /// What half of the runs stayed below.
    pub(super) fn median(&self) -> f64 {
        self.values
            .get(self.values.len() / 2)
            .copied()
            .unwrap_or_default()
    }

    /// How far the least and the most are apart.
    pub(super) fn spread(&self) -> f64 {
        match self.values.as_slice() {
            [least, .., most] => most - least,
            [] | [_] => 0.0,
        }
    }

    fn shown(&self, value: f64) -> String {
        match self.unit {
            Unit::Milliseconds if value < 100.0 => format!("{value:.1} ms"),
            Unit::Milliseconds => format!("{value:.0} ms"),
            Unit::Megabytes => format!("{value:.1} MB"),
            Unit::Count if value.fract() == 0.0 => format!("{value:.0}"),
            Unit::Count => format!("{value:.1}"),
        }
    }

    /// The median, and how far the runs are apart.
    fn text(&self) -> (String, String) {
        let spread = match self.values.as_slice() {
            [least, .., most] => format!("{} to {}", self.shown(*least), self.shown(*most)),
            [] | [_] => String::new(),
        };
        (self.shown(self.median()), spread)
    }
}

/// What is to be reached.
#[derive(Debug, Clone, Copy)]
pub(super) enum Aim {
    /// At most so many times the bound.
    Times(f64),
    /// Less than that, in the unit of the figure.
    Under(f64),
    /// No more than that, in the unit of the figure.
    AtMost(f64),
}

/// One line of a table.
#[derive(Debug, Clone)]
pub(super) struct Line {
    work: String,
    figure: Figure,
    bound: Option<(String, Figure)>,
    aim: Option<Aim>,
}

impl Line {
    /// A figure for which nothing is to be reached.
    pub(super) fn new(work: impl Into<String>, figure: Figure) -> Self {
        Self {
            work: work.into(),
            figure,
            bound: None,
            aim: None,
        }
    }

    /// What the figure cannot get below, or is compared with.
    pub(super) fn bound(mut self, name: impl Into<String>, bound: Figure) -> Self {
        self.bound = Some((name.into(), bound));
        self
    }

    pub(super) fn aim(mut self, aim: Aim) -> Self {
        self.aim = Some(aim);
        self
    }

    fn times(&self) -> Option<f64> {
        let (_, bound) = self.bound.as_ref()?;
        Some(self.figure.median() / bound.median())
    }

    /// Whether the aim is met; `None` without an aim.
    pub(super) fn is_met(&self) -> Option<bool> {
        let figure = self.figure.median();
        match self.aim? {
            Aim::Times(most) => Some(self.times()? <= most),
            Aim::Under(limit) => Some(figure < limit),
            Aim::AtMost(most) => Some(figure <= most),
        }
    }

    fn cells(&self) -> [String; 7] {
        let (figure, spread) = self.figure.text();
        let bound = match &self.bound {
            Some((name, bound)) => format!("{name}: {}", bound.text().0),
            None => String::new(),
        };
        let aim = match self.aim {
            Some(Aim::Times(most)) => format!("at most {most} times"),
            Some(Aim::Under(limit)) => format!("under {}", self.figure.shown(limit)),
            Some(Aim::AtMost(most)) => format!("at most {}", self.figure.shown(most)),
            None => String::new(),
        };
        let times = self.times().map(|times| format!("{times:.2}"));
        let met = self.is_met().map(|met| if met { "yes" } else { "**no**" });
        [
            self.work.clone(),
            figure,
            spread,
            bound,
            times.unwrap_or_default(),
            aim,
            met.unwrap_or_default().to_owned(),
        ]
    }
}

/// Writes lines as a table of Markdown.
pub(super) fn markdown(lines: &[Line]) -> String {
    let head = [
        "work",
        "median",
        "least to most",
        "bound",
        "times the bound",
        "aim",
        "met",
    ];
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for line in lines {
        writeln!(text, "| {} |", line.cells().join(" | ")).expect("a text takes everything");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_its_bound_and_whether_its_aim_is_met() {
        let time = |values: &[f64]| Figure::new(Unit::Milliseconds, values.iter().copied());
        let line = Line::new("read", time(&[30.0, 20.0, 25.0]))
            .bound("a bare pass", time(&[10.0]))
            .aim(Aim::Times(2.5));
        assert_eq!(line.is_met(), Some(true));
        let shown = markdown(&[line.clone(), line.aim(Aim::Under(25.0))]);
        let rows: Vec<&str> = shown.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| read | 25.0 ms | 20.0 ms to 30.0 ms | a bare pass: 10.0 ms | 2.50 | at most 2.5 times | yes |",
                "| read | 25.0 ms | 20.0 ms to 30.0 ms | a bare pass: 10.0 ms | 2.50 | under 25.0 ms | **no** |",
            ]
        );
    }
}
