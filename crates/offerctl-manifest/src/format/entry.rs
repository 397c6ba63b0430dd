//! What a manifest is made of, with the comments where they belong: [`Page`].

/// A whole file.
#[derive(Debug)]
pub(super) struct Page {
    /// The comments at the very top, which stay there.
    pub(super) header: Vec<Line>,
    /// The outermost mapping.
    pub(super) root: Value,
}

/// A line of its own between entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// One blank line or several.
    Blank,
    /// A comment, from its `#`.
    Comment(String),
}

/// An entry of a mapping, or an item of a list.
#[derive(Debug)]
pub(super) struct Entry {
    /// What stands above it.
    pub(super) lead: Vec<Line>,
    /// Its key; `None` for an item of a list.
    pub(super) key: Option<Key>,
    /// The comments at the end of its first line; all but the first stand below it, aligned.
    pub(super) aside: Vec<String>,
    /// Its value.
    pub(super) value: Value,
}

/// A key.
#[derive(Debug)]
pub(super) struct Key {
    /// What it says.
    pub(super) name: Box<str>,
    /// How it is written.
    pub(super) text: Text,
    /// `&name` before it.
    pub(super) anchor: Option<String>,
}

/// A value.
#[derive(Debug)]
pub(super) struct Value {
    /// `&name` before it.
    pub(super) anchor: Option<String>,
    /// What it is.
    pub(super) shape: Shape,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Shape {
    /// A single value, or an alias.
    Text(Text),
    /// A mapping or a list.
    Collection(Collection),
}

/// A single value, as it was written.
#[derive(Debug)]
pub(super) enum Text {
    /// On one line without quotes, or an alias: written as it is.
    Plain(String),
    /// On one line between quotes.
    Quoted { text: Box<str>, quote: char },
    /// On several lines, with or without quotes: the lines without their indentation.
    Lines { text: Box<str>, lines: Vec<String> },
    /// `|` or `>`: the lines without their indentation.
    Block {
        text: Box<str>,
        sign: char,
        lines: Vec<String>,
    },
}

/// A mapping or a list.
#[derive(Debug)]
pub(super) struct Collection {
    pub(super) kind: CollectionKind,
    /// Whether it stands between brackets.
    pub(super) flow: bool,
    pub(super) entries: Vec<Entry>,
    /// What stands behind the last entry.
    pub(super) tail: Vec<Line>,
}

/// Which collection it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CollectionKind {
    Mapping,
    List,
}

impl Value {
    /// The entries, if it is a mapping.
    pub(super) fn mapping_mut(&mut self) -> Option<&mut Collection> {
        match &mut self.shape {
            Shape::Collection(collection) if collection.kind == CollectionKind::Mapping => {
                Some(collection)
            }
            Shape::Collection(_) | Shape::Text(_) => None,
        }
    }
}

impl Collection {
    /// Whether there is a comment anywhere in it.
    pub(super) fn has_comments(&self) -> bool {
        let comments = |lines: &[Line]| lines.iter().any(|line| *line != Line::Blank);
        comments(&self.tail)
            || self.entries.iter().any(|entry| {
                let inside = match &entry.value.shape {
                    Shape::Collection(inner) => inner.has_comments(),
                    Shape::Text(_) => false,
                };
                inside || comments(&entry.lead) || !entry.aside.is_empty()
            })
    }
}
