//! Reading MusicXML 4.0 (W3C Community Group report, 2021): bytes in, a flat list of bars as played out.
//!
//! [`container`] unpacks; [`measure`] reads one part's bars with the help of [`note`], [`grace`] and [`direction`];
//! [`unfold`] plays repeats and endings; [`clock`] and [`dynamics`] say when and how loud; [`singers`] finds who can
//! sing and [`line`] what; [`assemble`] puts the score together.
//!
//! The `musicxml` crate is not used: its own XML reader knows neither entities nor single-quoted attributes, gives no
//! position for an error, has no limit on size, and its `regex` weighs more than this reader. `roxmltree` and `zip`
//! are what is kept well for the two formats; `roxmltree` also refuses entity loops ("billion laughs").

mod assemble;
mod clock;
mod container;
mod direction;
mod dynamics;
mod grace;
mod heading;
mod line;
mod measure;
mod note;
mod singers;
mod unfold;

use super::score::Choice;
use super::{Score, ScoreError};
use assemble::Cast;
use roxmltree::{Document, Node, ParsingOptions};

/// The most XML nodes a score may have: a page of dense piano music has some ten thousand.
const MAX_NODES: u32 = 4_000_000;

/// Reads a score from the bytes of a `.musicxml`, `.xml` or `.mxl` file, once for each singer of the cast, never for none.
/// Without a choice, words are required.
pub(super) fn read(bytes: &[u8], choice: Option<&Choice>, cast: Cast<'_>) -> Result<Vec<Score>, ScoreError> {
    let text = container::xml_text(bytes)?;
    if !text.trim_start().starts_with('<') {
        return Err(ScoreError::NotMusicXml);
    }
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&text, options).map_err(|error| broken(&text, &error))?;
    let root = document.root_element();
    if !matches!(root.tag_name().name(), "score-partwise" | "score-timewise") {
        return Err(ScoreError::NotMusicXml);
    }
    assemble::assemble(root, choice, cast)
}

/// Says where the XML stops making sense. A file cut short is broken at its end, for which the reader gives no position.
fn broken(text: &str, error: &roxmltree::Error) -> ScoreError {
    let position = error.pos();
    let said = error.to_string();
    let place = format!(" at {}:{}", position.row, position.col);
    let reason = said.split(&place).next().unwrap_or_default().to_owned();
    if said.contains(&place) {
        return ScoreError::BrokenXml { line: position.row, column: position.col, reason };
    }
    let last = text.rsplit('\n').next().unwrap_or_default();
    ScoreError::BrokenXml {
        line: text.matches('\n').count() as u32 + 1,
        column: last.chars().count() as u32 + 1,
        reason,
    }
}

/// The first child element called `name`.
fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|n| n.has_tag_name(name))
}

/// The trimmed text of the first child element called `name`, if it has any.
fn child_text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name).and_then(|n| n.text()).map(str::trim).filter(|text| !text.is_empty())
}

/// The first child element called `name` as a number, if it is one.
fn child_number(node: Node<'_, '_>, name: &str) -> Option<f64> {
    child_text(node, name)?.parse().ok().filter(|number: &f64| number.is_finite())
}
