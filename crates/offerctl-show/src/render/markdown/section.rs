//! A page of bounded size: [`Section`]s, of which as much is shown as fits.

/// What is said where something is not shown.
const REST: &str = "Not everything fits on this page. The output of `offerctl plan` and its JSON document have all of it, \
                    and the summary of the job has more, if there is one.\n";

/// Entries of one kind, between a beginning and an end that belong together.
#[derive(Debug)]
pub(super) struct Section {
    /// What stands before the first entry: a heading, and the beginning of a fold, a table or a block of code.
    pub(super) open: String,
    /// The entries, each with its line break.
    pub(super) entries: Vec<String>,
    /// What stands after the last entry, and ends what was begun.
    pub(super) close: String,
    /// What the entries are: `price moves`.
    pub(super) nouns: &'static str,
}

impl Section {
    /// What is said if only the first so many entries are shown.
    fn missing(&self, shown: usize) -> String {
        let count = self.entries.len();
        let verb = if count - shown == 1 { "is" } else { "are" };
        format!(
            "**{} of {count} {} {verb} not shown here.**\n\n",
            count - shown,
            self.nouns
        )
    }
}

/// Writes the sections in their order, in so many bytes; one that does not fit is cut between two entries, and what is
/// not shown is counted.
pub(super) fn fill(sections: &[Section], room: usize) -> String {
    let mut text = String::new();
    let mut is_cut = false;
    for (index, section) in sections.iter().enumerate() {
        // Whatever comes later must at least be counted.
        let reserved: usize = sections[index..]
            .iter()
            .map(|section| section.missing(0).len())
            .sum();
        let mut left = room.saturating_sub(text.len() + reserved + REST.len());
        left = left.saturating_sub(section.open.len() + section.close.len());
        let mut shown = 0;
        for entry in &section.entries {
            if entry.len() > left {
                break;
            }
            left -= entry.len();
            shown += 1;
        }
        if shown > 0 {
            text.push_str(&section.open);
            text.extend(section.entries[..shown].iter().map(String::as_str));
            text.push_str(&section.close);
        }
        if shown < section.entries.len() {
            text.push_str(&section.missing(shown));
            is_cut = true;
        }
    }
    if is_cut {
        text.push_str(REST);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections() -> Vec<Section> {
        let section = |nouns| Section {
            open: "<details>\n".to_owned(),
            entries: vec!["entry\n".repeat(20); 10],
            close: "</details>\n".to_owned(),
            nouns,
        };
        vec![section("refusals"), section("offers")]
    }

    #[test]
    fn what_fits_is_shown_without_a_word() {
        let text = fill(&sections(), 10_000);
        assert!(!text.contains("not shown"), "{text}");
        assert_eq!(text.matches("entry").count(), 400);
    }

    #[test]
    fn what_does_not_fit_is_counted_and_nothing_is_cut_in_its_middle() {
        for room in 400..3000 {
            let text = fill(&sections(), room);
            assert!(text.len() <= room, "{room}");
            assert_eq!(
                text.matches("<details>").count(),
                text.matches("</details>").count()
            );
            assert_eq!(text.matches("entry\n").count() % 20, 0);
        }
        let text = fill(&sections(), 1_000);
        assert!(
            text.contains("**4 of 10 refusals are not shown here.**"),
            "{text}"
        );
        assert!(
            text.contains("**10 of 10 offers are not shown here.**"),
            "{text}"
        );
    }
}
