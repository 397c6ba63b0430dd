//! What a service says, in an input: [`Script`].

use offerctl_model::offer_type::Api;

/// Pages, and what comes after them.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) api: Api,
    pages: Vec<Page>,
    after: After,
    /// Whether all lists get pages of this sequence, and not only the active passes.
    pub(super) all_lists: bool,
}

/// What a request for a page gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    /// A word instead of a page: `!429`, `!503`, `!lost`, `!silent`, with the seconds to wait.
    pub(super) failure: Option<(String, Option<u64>)>,
}

/// What comes when all pages were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// An empty list.
    Nothing,
    /// The last page, for ever.
    Last,
    /// All pages anew.
    Cycle,
}

impl Script {
    /// Reads an input; every text is one.
    pub(super) fn read(text: &str) -> Self {
        let (head, rest) = text.split_once('\n').unwrap_or((text, ""));
        let has = |word: &str| head.split_whitespace().any(|it| it == word);
        let pages = rest.split("---\n").map(Page::read);
        Self {
            api: if has("rest") { Api::Rest } else { Api::JsonRpc },
            pages: pages.filter(|page| *page != Page::default()).collect(),
            after: if has("last") {
                After::Last
            } else if has("cycle") {
                After::Cycle
            } else {
                After::Nothing
            },
            all_lists: has("all"),
        }
    }

    /// The page of a number. Each `#` in it is that number, so that a page can be another one each time.
    pub(super) fn page(&self, number: usize) -> Page {
        let count = self.pages.len();
        let index = match self.after {
            After::Nothing => number,
            After::Last => number.min(count.saturating_sub(1)),
            After::Cycle => number % count.max(1),
        };
        let Some(page) = self.pages.get(index) else {
            return self.nothing();
        };
        let mut page = page.clone();
        let number = number.to_string();
        page.body = page.body.replace('#', &number);
        for (_, value) in &mut page.headers {
            *value = value.replace('#', &number);
        }
        page
    }

    /// An empty list.
    pub(super) fn nothing(&self) -> Page {
        let body = match self.api {
            Api::JsonRpc => r#"{"items":[],"totalItemCount":0}"#,
            Api::Rest => "[]",
        };
        Page {
            body: body.to_owned(),
            ..Page::default()
        }
    }
}

impl Page {
    /// Reads headers, such as `link: …`, and the body after them.
    fn read(text: &str) -> Self {
        let mut page = Self::default();
        let mut rest = text;
        while let Some((line, after)) = rest.split_once('\n') {
            if let Some(failure) = line.strip_prefix('!') {
                let (word, wait) = failure.split_once(' ').unwrap_or((failure, ""));
                page.failure = Some((word.to_owned(), wait.trim().parse().ok()));
            } else if let Some((name, value)) = line.split_once(": ")
                && ["link", "x-total-count"].contains(&name)
            {
                page.headers.push((name.to_owned(), value.to_owned()));
            } else {
                break;
            }
            rest = after;
        }
        rest.trim_end().clone_into(&mut page.body);
        page
    }
}
