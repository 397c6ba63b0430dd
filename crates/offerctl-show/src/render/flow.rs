//! Text that flows into lines of a width: [`Flow`].

use offerctl_model::foreign::escaped;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::page::{Page, Style, Tone};
use super::prose::{Word, words};

/// The least columns that a text gets, however far it is indented.
const LEAST: usize = 20;

/// Words in their colours, which are laid out in lines at the end.
#[derive(Debug, Default)]
pub(super) struct Flow {
    words: Vec<Vec<Piece>>,
    /// Whether the next text begins a word of its own.
    apart: bool,
}

#[derive(Debug, Clone)]
struct Piece {
    tone: Option<Tone>,
    text: String,
    /// Whether it may be cut where no line is long enough for it.
    cut: bool,
}

impl Flow {
    /// Begins with nothing.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds a text that may be broken at each of its spaces; without a space before it, it goes on with the last word.
    pub(super) fn text(&mut self, tone: impl Into<Option<Tone>>, text: &str) -> &mut Self {
        let tone = tone.into();
        for (index, word) in text.split(' ').enumerate() {
            if index > 0 {
                self.apart = true;
            }
            if !word.is_empty() || index > 0 {
                // An address that is cut cannot be followed.
                self.piece(tone, word, !word.contains("://"));
            }
        }
        self.apart = text.ends_with(' ');
        if self.apart {
            self.words
                .pop_if(|word| word.iter().all(|piece| piece.text.is_empty()));
        }
        self
    }

    /// Adds a text that stays in one piece.
    pub(super) fn solid(&mut self, tone: impl Into<Option<Tone>>, text: &str) -> &mut Self {
        self.piece(tone.into(), text, false);
        self
    }

    /// Lets what follows begin a new word.
    pub(super) fn space(&mut self) -> &mut Self {
        self.apart = true;
        self
    }

    /// Adds a sentence of ours as new words; what is to be copied stays in one piece.
    pub(super) fn prose(&mut self, tone: impl Into<Option<Tone>>, sentence: &str) -> &mut Self {
        let tone = tone.into();
        for word in words(sentence) {
            let cut = match word {
                Word::Plain(word) => !word.contains("://"),
                Word::Literal(_) => false,
            };
            self.space().piece(tone, word.as_str(), cut);
        }
        self
    }

    fn piece(&mut self, tone: Option<Tone>, text: &str, cut: bool) {
        let piece = Piece {
            tone,
            // Whatever it is and whoever wrote it, it cannot drive a terminal.
            text: escaped(text),
            cut,
        };
        match self.words.last_mut() {
            Some(word) if !self.apart => word.push(piece),
            _ => self.words.push(vec![piece]),
        }
        self.apart = false;
    }

    /// Returns the lines without a line break at the end. The first begins at the column `first`, where something stands
    /// already; the others are indented by `indent`.
    pub(super) fn lay(&self, page: Page, first: usize, indent: usize) -> String {
        let width = page.width.max(indent + LEAST);
        let mut lines = Lines {
            done: String::new(),
            line: Vec::new(),
            column: first,
            indent,
            is_fresh: true,
            style: page.style,
        };
        for word in &self.words {
            let length = columns(word);
            let gap = usize::from(!lines.is_fresh);
            if lines.column + gap + length > width && (!lines.is_fresh || lines.column > indent) {
                lines.end();
            } else if gap > 0 {
                lines.space(word.first().and_then(|piece| piece.tone));
            }
            for piece in word {
                lines.put(piece, width);
            }
            lines.is_fresh = false;
        }
        lines.finish()
    }
}

fn columns(word: &[Piece]) -> usize {
    word.iter().map(|piece| piece.text.width()).sum()
}

struct Lines {
    done: String,
    line: Vec<(Option<Tone>, String)>,
    column: usize,
    indent: usize,
    /// Whether nothing was put into the line yet.
    is_fresh: bool,
    style: Style,
}

impl Lines {
    fn put(&mut self, piece: &Piece, width: usize) {
        let length = piece.text.width();
        if !piece.cut || self.column + length <= width {
            self.add(piece.tone, &piece.text);
            self.column += length;
            return;
        }
        for character in piece.text.chars() {
            let wide = character.width().unwrap_or(0);
            if self.column + wide > width {
                self.end();
            }
            self.add(piece.tone, character.encode_utf8(&mut [0; 4]));
            self.column += wide;
        }
    }

    fn add(&mut self, tone: Option<Tone>, text: &str) {
        match self.line.last_mut() {
            Some((last, words)) if *last == tone => words.push_str(text),
            _ => self.line.push((tone, text.to_owned())),
        }
    }

    /// A space between two words of one colour has it as well.
    fn space(&mut self, next: Option<Tone>) {
        let tone = self.line.last().and_then(|(tone, _)| *tone);
        self.add(tone.filter(|tone| Some(*tone) == next), " ");
        self.column += 1;
    }

    fn flush(&mut self) {
        for (tone, text) in self.line.drain(..) {
            match tone {
                Some(tone) => self.done.push_str(&self.style.paint(tone, &text)),
                None => self.done.push_str(&text),
            }
        }
    }

    fn end(&mut self) {
        self.flush();
        while self.done.ends_with(' ') {
            self.done.pop();
        }
        self.done.push('\n');
        self.done.push_str(&" ".repeat(self.indent));
        self.column = self.indent;
        self.is_fresh = true;
    }

    fn finish(mut self) -> String {
        self.flush();
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Page = Page {
        style: Style::Plain,
        width: 30,
    };

    #[test]
    fn lines_hang_and_none_is_too_long() {
        let mut flow = Flow::new();
        flow.prose(
            None,
            "type `offerctl state adopt film A1` and then apply it again",
        );
        insta::assert_snapshot!(flow.lay(PAGE, 0, 4), @"
        type
            `offerctl state adopt film A1`
            and then apply it again
        ");
    }

    #[test]
    fn what_has_no_space_is_cut_unless_it_is_an_address() {
        let mut flow = Flow::new();
        flow.text(None, &"漢字".repeat(12));
        flow.text(None, " https://club.tv/a/very/long/address/of/a/film");
        insta::assert_snapshot!(flow.lay(PAGE, 6, 6), @"
        漢字漢字漢字漢字漢字漢字
              漢字漢字漢字漢字漢字漢字
              https://club.tv/a/very/long/address/of/a/film
        ");
    }

    #[test]
    fn colours_end_with_the_line() {
        let mut flow = Flow::new();
        flow.text(None, "a ")
            .text(Tone::Bad, "[-red words that go on and on-]");
        let page = Page {
            style: Style::Color,
            width: 22,
        };
        assert_eq!(
            flow.lay(page, 0, 2),
            "a \u{1b}[31m[-red words that go\u{1b}[0m\n  \u{1b}[31mon and on-]\u{1b}[0m"
        );
    }
}
