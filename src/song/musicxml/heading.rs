//! Title and authors, from where exporters put them.

use super::{child, child_text};
use roxmltree::Node;

/// A heading longer than this is prose, characters.
const LONGEST: usize = 120;

/// The movement's own title where there is one: the work's is often a whole collection's. Else what is printed as a
/// title on the first page.
pub(super) fn title(root: Node<'_, '_>) -> String {
    let work = child(root, "work").and_then(|n| child_text(n, "work-title"));
    let text = child_text(root, "movement-title").or(work).map(str::to_owned);
    text.or_else(|| printed(root, "title")).unwrap_or_default().chars().take(LONGEST).collect()
}

/// "composer", "lyricist" or another `creator`.
pub(super) fn creator(root: Node<'_, '_>, kind: &str) -> String {
    let identification = child(root, "identification");
    let creator = identification.and_then(|n| n.children().find(|c| c.attribute("type") == Some(kind)));
    let text = creator.and_then(|n| n.text()).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    text.or_else(|| printed(root, kind)).unwrap_or_default().chars().take(LONGEST).collect()
}

/// The words of the first `<credit>` of this kind.
fn printed(root: Node<'_, '_>, kind: &str) -> Option<String> {
    let credits = || root.children().filter(|n| n.has_tag_name("credit"));
    let credit = credits().find(|credit| child_text(*credit, "credit-type") == Some(kind))?;
    let words = credit.children().filter(|n| n.has_tag_name("credit-words")).filter_map(|n| n.text());
    Some(words.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty())
}
