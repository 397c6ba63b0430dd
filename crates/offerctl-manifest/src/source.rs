//! Texts that people write: [`SourceFile`], [`Sources`].

use std::fmt;
use std::sync::OnceLock;

use offerctl_model::foreign::Foreign;

use crate::diagnostic::{Code, Diagnostic};
use crate::span::{FileId, Position, Span};

/// The most bytes that a manifest may have; more is a mistake or an attack.
pub const MAX_FILE_BYTES: usize = 16 * 1024 * 1024;

/// One file, with the path that diagnostics show.
#[derive(Clone)]
pub struct SourceFile {
    /// The index of the file among all that were loaded.
    pub id: FileId,
    /// The path as shown to people: relative to the project, with `/`.
    pub path: Foreign,
    /// The whole text, without a byte order mark.
    pub text: String,
    /// Where lines are, once somebody asked.
    milestones: OnceLock<Vec<Milestone>>,
}

/// How far apart milestones are, in bytes: so much is looked through for every position.
const MILESTONE_BYTES: usize = 256;

/// What comes before a place in a text, so that nobody counts from the beginning for each of many mistakes.
#[derive(Clone, Copy)]
struct Milestone {
    /// Lines that have ended.
    lines: u32,
    /// Characters of the line that has not.
    characters: u32,
}

impl SourceFile {
    /// Takes a text that was not read from a file, such as one that `import` has just written; see
    /// [`from_bytes`](Self::from_bytes).
    pub fn new(id: FileId, path: String, text: String) -> Self {
        Self {
            id,
            path: path.into(),
            text,
            milestones: OnceLock::new(),
        }
    }

    /// Returns the same file with another text.
    #[must_use]
    pub fn with_text(&self, text: String) -> Self {
        Self::from_bytes(self.id, self.path.raw().to_owned(), text.into_bytes()).0
    }

    /// Takes the bytes of a file; refuses one that is too large or not UTF-8.
    ///
    /// The file is returned in both cases, so that the diagnostic has a text to point into; it is empty if it was refused.
    pub fn from_bytes(id: FileId, path: String, bytes: Vec<u8>) -> (Self, Option<Diagnostic>) {
        if bytes.len() > MAX_FILE_BYTES {
            // Whoever reads files may stop when it is clear that one is too large.
            let message = format!("the file has more than the {MAX_FILE_BYTES} bytes allowed");
            let diagnostic = Diagnostic::error(Code::FileSize, message)
                .at(Span {
                    file: id,
                    start: 0,
                    length: 0,
                })
                .help("split it into several files");
            return (Self::new(id, path, String::new()), Some(diagnostic));
        }
        match String::from_utf8(bytes) {
            Ok(mut text) => {
                if text.starts_with('\u{feff}') {
                    text.drain(..'\u{feff}'.len_utf8());
                }
                (Self::new(id, path, text), None)
            }
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let byte = error.as_bytes()[valid];
                let mut text = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
                text.push('\u{fffd}');
                let diagnostic =
                    Diagnostic::error(Code::Utf8, format!("byte 0x{byte:02x} is not UTF-8"))
                        .at(Span {
                            file: id,
                            start: offset(valid),
                            length: 3,
                        })
                        .help("save the file as UTF-8");
                (Self::new(id, path, text), Some(diagnostic))
            }
        }
    }

    /// Returns line and column of a byte offset, both counted from 1, the column in characters.
    pub fn position(&self, start: u32) -> Position {
        let start = self.boundary(start);
        let milestones = self.milestones.get_or_init(|| milestones(&self.text));
        let passed = start / MILESTONE_BYTES;
        let mut here = milestones[passed];
        here.pass(&self.text.as_bytes()[passed * MILESTONE_BYTES..start]);
        Position {
            line: here.lines as usize + 1,
            column: here.characters as usize + 1,
        }
    }

    /// The nearest character boundary at or before `start`.
    pub fn boundary(&self, start: u32) -> usize {
        let mut start = (start as usize).min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        start
    }
}

impl Milestone {
    const START: Self = Self {
        lines: 0,
        characters: 0,
    };

    fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\n' {
                self.lines += 1;
                self.characters = 0;
            } else if !is_continuation(*byte) {
                self.characters += 1;
            }
        }
    }
}

/// Whether a byte of UTF-8 goes on with the character that was begun before it.
fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

fn milestones(text: &str) -> Vec<Milestone> {
    let mut here = Milestone::START;
    let mut milestones = vec![here];
    for chunk in text.as_bytes().chunks(MILESTONE_BYTES) {
        here.pass(chunk);
        milestones.push(here);
    }
    milestones
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "SourceFile({:?}, {} bytes)",
            self.path,
            self.text.len()
        )
    }
}

/// All files of a project, by their [`FileId`].
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Takes the files, whose ids must be their places in the vector.
    pub fn new(files: Vec<SourceFile>) -> Self {
        debug_assert!(
            files
                .iter()
                .enumerate()
                .all(|(index, file)| file.id == FileId(offset(index)))
        );
        Self { files }
    }

    /// The file with this id.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// All files, in the order of their ids.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// Returns the path of a place, seen from the folder that paths are relative to, and its position.
    pub fn place(&self, span: Option<Span>, folder: &str) -> Option<(String, Position)> {
        let span = span?;
        let file = self.file(span.file)?;
        let path = if folder.is_empty() {
            file.path.to_string()
        } else {
            format!("{folder}/{}", file.path)
        };
        Some((path, file.position(span.start)))
    }

    /// Returns `path:line:column` of a place.
    pub fn describe(&self, span: Span) -> String {
        self.file(span.file).map_or_else(String::new, |file| {
            let Position { line, column } = file.position(span.start);
            format!("{}:{line}:{column}", file.path)
        })
    }
}

/// An offset in a file whose size was checked against [`MAX_FILE_BYTES`].
pub(crate) fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> (SourceFile, Option<Diagnostic>) {
        SourceFile::from_bytes(FileId(0), "a.yaml".to_owned(), bytes.to_vec())
    }

    #[test]
    fn columns_count_characters() {
        let (file, problem) = file("é: 1\nab: ü2".as_bytes());
        assert!(problem.is_none());
        let start = offset(file.text.find('2').unwrap());
        assert_eq!(file.position(start), Position { line: 2, column: 6 });
        assert_eq!(
            file.position(1),
            Position { line: 1, column: 1 },
            "inside a character"
        );
        assert_eq!(
            file.position(9999),
            Position { line: 2, column: 7 },
            "behind the end"
        );
    }

    #[test]
    fn positions_in_a_long_text_are_those_that_counting_finds() {
        let text = "é: 1\nab: ü2 ".repeat(300);
        let (file, _) = file(text.as_bytes());
        for (start, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let before = &text[..start];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
            assert_eq!(file.position(offset(start)), Position { line, column });
        }
        let (exact, _) = self::file(&[b'a'; 2 * MILESTONE_BYTES]);
        assert_eq!(
            exact.position(offset(2 * MILESTONE_BYTES)).column,
            2 * MILESTONE_BYTES + 1
        );
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(file("\u{feff}a: 1".as_bytes()).0.text, "a: 1");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_at_their_place() {
        let (file, problem) = file(b"a: 1\nb: \xff\n");
        let problem = problem.unwrap();
        assert_eq!(problem.code, Code::Utf8);
        assert_eq!(
            file.position(problem.span.unwrap().start),
            Position { line: 2, column: 4 }
        );
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_unread() {
        let (file, problem) = file(&vec![b'a'; MAX_FILE_BYTES + 1]);
        assert_eq!(problem.unwrap().code, Code::FileSize);
        assert!(file.text.is_empty());
    }
}
