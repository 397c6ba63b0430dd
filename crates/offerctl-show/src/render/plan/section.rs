//! A part of a plan under its title: [`section`].

use crate::render::page::{Page, Tone};

/// A title and what stands under it: blocks of several lines have a blank line between them.
pub(super) fn section(title: &str, blocks: impl Iterator<Item = String>, page: Page) -> String {
    let mut text = page.style.paint(Tone::Strong, title) + "\n";
    let mut last_is_long = false;
    for (index, block) in blocks.enumerate() {
        let is_long = block.trim_end().contains('\n');
        if index > 0 && (is_long || last_is_long) {
            text.push('\n');
        }
        text.push_str(&block);
        last_is_long = is_long;
    }
    text
}
