//! How a long text changes, word by word: [`push`].

use offerctl_model::foreign::{Foreign, escaped, told_apart};
use similar::utils::diff_slices;
use similar::{Algorithm, ChangeTag};

use super::flow::Flow;
use super::page::Tone;

/// Texts from this length on are shown as the words that differ.
const LONG_TEXT: usize = 40;

/// How much of an unchanged stretch is shown on either side of a change.
const CONTEXT: usize = 28;

/// The most characters of one changed stretch.
const STRETCH: usize = 600;

/// Whether two texts are long enough to be shown as the words that differ.
pub(super) fn is_long(before: &Foreign, after: &Foreign) -> bool {
    [before, after]
        .iter()
        .all(|text| text.raw().chars().count() > LONG_TEXT)
}

/// Adds a text with what goes as `[-…-]`, what comes as `{+…+}`, and `…` for what stays and is far from either.
pub(super) fn push(flow: &mut Flow, before: &Foreign, after: &Foreign) {
    let stretches = stretches(before.raw(), after.raw());
    let last = stretches.len().saturating_sub(1);
    for (index, Stretch { tag, text }) in stretches.iter().enumerate() {
        match tag {
            ChangeTag::Equal => {
                let kept = (index > 0, index < last);
                flow.text(None, &escaped(&shortened(text, kept)));
            }
            ChangeTag::Delete => {
                flow.text(Tone::Bad, &format!("[-{text}-]"));
            }
            ChangeTag::Insert => {
                flow.text(Tone::Good, &format!("{{+{text}+}}"));
            }
        }
    }
}

/// A part of the two texts that stays, as it is, or that goes or comes, as it is shown.
struct Stretch {
    tag: ChangeTag,
    text: String,
}

/// Returns the parts in their order; of neighbours, what goes stands before what comes.
fn stretches(before: &str, after: &str) -> Vec<Stretch> {
    let (old, new) = (tokens(before), tokens(after));
    let mut stretches: Vec<Stretch> = Vec::new();
    let (mut gone, mut come) = (String::new(), String::new());
    let mut diff = diff_slices(Algorithm::Myers, &old, &new)
        .into_iter()
        .peekable();
    while let Some((tag, tokens)) = diff.next() {
        let text = tokens.concat();
        match tag {
            ChangeTag::Delete => gone.push_str(&text),
            ChangeTag::Insert => come.push_str(&text),
            // A blank or a comma between two changes is no island that anybody looks for.
            ChangeTag::Equal
                if !(gone.is_empty() && come.is_empty())
                    && diff.peek().is_some()
                    && !text.contains(char::is_alphanumeric) =>
            {
                gone.push_str(&text);
                come.push_str(&text);
            }
            ChangeTag::Equal => {
                flush(&mut stretches, &mut gone, &mut come);
                stretches.push(Stretch { tag, text });
            }
        }
    }
    flush(&mut stretches, &mut gone, &mut come);
    stretches
}

/// Ends a change: what goes and what comes, as they are shown, so that they can be told apart.
fn flush(stretches: &mut Vec<Stretch>, gone: &mut String, come: &mut String) {
    let texts = told_apart(&cut(gone), &cut(come));
    for (tag, text) in [ChangeTag::Delete, ChangeTag::Insert]
        .into_iter()
        .zip(texts)
    {
        if !text.is_empty() {
            stretches.push(Stretch { tag, text });
        }
    }
    gone.clear();
    come.clear();
}

/// Words, blanks, and every other character by itself.
fn tokens(text: &str) -> Vec<&str> {
    let kind = |character: char| {
        if character.is_alphanumeric() {
            0
        } else if character.is_whitespace() {
            1
        } else {
            2
        }
    };
    let mut tokens = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (index, character) in text.char_indices() {
        let this = kind(character);
        if last.is_some_and(|last| last != this || this == 2) {
            tokens.push(&text[start..index]);
            start = index;
        }
        last = Some(this);
    }
    if start < text.len() {
        tokens.push(&text[start..]);
    }
    tokens
}

/// What stays, shortened where it is far from a change: `kept` says on which sides there is one.
fn shortened(text: &str, (left, right): (bool, bool)) -> String {
    let length = text.chars().count();
    let shown = CONTEXT * (usize::from(left) + usize::from(right)).max(1);
    if length <= shown + CONTEXT / 2 {
        return text.to_owned();
    }
    let head: String = text.chars().take(CONTEXT).collect();
    let tail: String = text.chars().skip(length - CONTEXT).collect();
    // Better a few characters less than half a word.
    let head = head.rfind(' ').map_or(head.as_str(), |end| &head[..end]);
    let tail = tail.find(' ').map_or(tail.as_str(), |start| &tail[start..]);
    match (left, right) {
        (true, true) => format!("{head} …{tail}"),
        (false, true) => format!("…{tail}"),
        (_, false) => format!("{head} …"),
    }
}

fn cut(text: &str) -> String {
    let length = text.chars().count();
    if length <= STRETCH {
        return text.to_owned();
    }
    let shown: String = text.chars().take(STRETCH).collect();
    format!("{shown}… and {} more characters", length - STRETCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::page::{Page, Style};

    fn diff(before: &str, after: &str) -> String {
        let mut flow = Flow::new();
        push(&mut flow, &before.into(), &after.into());
        flow.lay(Page::new(Style::Plain), 0, 0)
    }

    #[test]
    fn only_the_words_that_differ_are_marked() {
        let text = diff(
            "All films of the club, old and new",
            "All films of the archive, old and new",
        );
        assert_eq!(text, "All films of the [-club-]{+archive+}, old and new");
    }

    #[test]
    fn neighbouring_changes_are_one() {
        let text = diff("one two three four", "one 2 3 four");
        assert_eq!(text, "one [-two three-]{+2 3+} four");
    }

    #[test]
    fn what_stays_is_shortened_far_from_the_change() {
        let long = "word ".repeat(30);
        let text = diff(&format!("{long}old {long}"), &format!("{long}new {long}"));
        assert_eq!(
            text,
            "… word word word word word [-old-]{+new+} word word word word word …"
        );
    }

    #[test]
    fn line_breaks_and_escapes_are_shown_and_not_done() {
        assert_eq!(diff("a\nb", "a\nc\u{1b}[2J"), "a\\n[-b-]{+c<U+001B>[2J+}");
    }
}
