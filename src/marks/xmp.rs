//! XMP packets (ISO 16684-1): RDF in XML, which every container has a place for.

mod guard;

use super::{Layer, Mark, PRODUCER, SOURCE_TYPE, Statement, aigc, source_type, words};
use roxmltree::{Document, Node, ParsingOptions};

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const DC: &str = "http://purl.org/dc/elements/1.1/";
const XMP: &str = "http://ns.adobe.com/xap/1.0/";
const IPTC: &str = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
const TC260: &str = "http://www.tc260.org.cn/ns/AIGC/1.0/";

/// The largest packet that is read, in bytes: a photograph's has some ten thousand.
pub(super) const MAX_PACKET: usize = 1 << 20;
/// The most elements and texts in one.
const MAX_NODES: u32 = 50_000;

/// The packet that makes `statement`, together with what `existing` says already: another's properties stay, and of two
/// that say the same theirs; a statement of ours in it is replaced.
///
/// # Errors
/// Why `existing` cannot be read.
pub(super) fn packet(statement: &Statement, existing: Option<&[u8]>) -> Result<String, String> {
    let Some(existing) = existing else { return Ok(wrapped(&description(statement, |_, _| false))) };
    let text = text(existing)?;
    let document = parse(text)?;
    let Some(rdf) = document.descendants().find(|node| node.has_tag_name((RDF, "RDF"))) else {
        return Err("it holds no RDF".to_owned());
    };
    let others: Vec<Node> = rdf.children().filter(|node| node.is_element() && !is_ours(*node)).collect();
    let said = |namespace: &str, name: &str| {
        let mut properties = others.iter().flat_map(|node| properties(*node));
        properties.any(|(uri, local, _)| uri == namespace && local == name)
    };
    let added = description(statement, said);
    if others.is_empty() {
        return Ok(wrapped(&added));
    }
    let mut merged = text[..rdf.range().start].to_owned();
    let open = &text[rdf.range()];
    // A statement of ours that stood here is what is left out; all else is copied as it is.
    let mut from = rdf.range().start;
    for ours in rdf.children().filter(|node| node.is_element() && is_ours(*node)) {
        merged.push_str(&text[from..ours.range().start]);
        from = ours.range().end;
    }
    let end = rdf.range().start + open.rfind("</").ok_or("its RDF is empty")?;
    merged.push_str(&text[from..end]);
    merged.push_str(&added);
    merged.push_str(&text[end..]);
    Ok(merged)
}

/// A packet round one description.
fn wrapped(description: &str) -> String {
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"{PRODUCER}\"><rdf:RDF xmlns:rdf=\"{RDF}\">{description}</rdf:RDF>\
         </x:xmpmeta><?xpacket end=\"r\"?>"
    )
}

/// Our properties but those that are `said` already. All are elements: simple readers look for `<TC260:AIGC>`.
fn description(statement: &Statement, said: impl Fn(&str, &str) -> bool) -> String {
    let alternative = |value: &str| {
        let value = escaped(value);
        (!value.is_empty()).then(|| format!("<rdf:Alt><rdf:li xml:lang=\"x-default\">{value}</rdf:li></rdf:Alt>"))
    };
    let properties = [
        (IPTC, "Iptc4xmpExt", "DigitalSourceType", Some(SOURCE_TYPE.to_owned())),
        (TC260, "TC260", "AIGC", Some(escaped(&aigc::label(statement)))),
        (DC, "dc", "title", alternative(&statement.title)),
        (DC, "dc", "description", alternative(&statement.description)),
        (XMP, "xmp", "CreatorTool", Some(PRODUCER.to_owned())),
        (XMP, "xmp", "CreateDate", statement.made.and_then(date)),
    ];
    let elements = properties.into_iter().filter(|(namespace, _, name, _)| !said(namespace, name));
    let elements =
        elements.filter_map(|(_, prefix, name, value)| Some(format!("<{prefix}:{name}>{}</{prefix}:{name}>", value?)));
    format!(
        "<rdf:Description xmlns:rdf=\"{RDF}\" rdf:about=\"\" xmlns:Iptc4xmpExt=\"{IPTC}\" xmlns:TC260=\"{TC260}\" xmlns:dc=\"{DC}\" \
         xmlns:xmp=\"{XMP}\">{}</rdf:Description>",
        elements.collect::<String>()
    )
}

/// Text as XML's content; characters that XML 1.0 has no place for are left out.
fn escaped(text: &str) -> String {
    let allowed = |c: &char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().filter(allowed).fold(String::new(), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
        escaped
    })
}

/// ISO 8601 of seconds since 1970; `None` beyond the year 9999. Days to years as in Hinnant, "chrono-compatible low-level
/// date algorithms" (2013), `civil_from_days`: years begin in March.
fn date(seconds: u64) -> Option<String> {
    let (days, second) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    (year <= 9999).then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// The marks in a packet.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn read(packet: &[u8]) -> Result<Vec<Mark>, String> {
    let document = parse(text(packet)?)?;
    let found: Vec<_> = document.descendants().flat_map(properties).collect();
    let value = |namespace: &str, name: &str| {
        found.iter().find(|(uri, local, _)| *uri == namespace && *local == name).map(|(_, _, value)| value.as_str())
    };
    let tool = value(XMP, "CreatorTool");
    let mut marks = Vec::new();
    for (uri, name, value) in &found {
        match (*uri, *name) {
            // The second is the name that IPTC first gave it.
            (IPTC, "DigitalSourceType" | "DigitalSourcefileType") if !value.is_empty() => {
                let mark = Mark::unsigned(Layer::Iptc, source_type::says(value)).with("DigitalSourceType", value);
                marks.push(tool.map_or(mark.clone(), |tool| mark.by(tool)));
            }
            (TC260, "AIGC") => marks.extend(aigc::read(value)),
            (DC, "description" | "title") | (XMP, "CreatorTool") => marks.extend(words::read(name, value)),
            _ => {}
        }
    }
    Ok(marks)
}

/// The properties that a node states: its attributes, and what it is itself. Values are texts, in whatever way RDF allows one:
/// content, `rdf:resource`, or the first item of a container.
fn properties<'a>(node: Node<'a, '_>) -> Vec<(&'a str, &'a str, String)> {
    let mut properties: Vec<(&str, &str, String)> = node
        .attributes()
        .filter_map(|attribute| Some((attribute.namespace()?, attribute.name(), attribute.value().trim().to_owned())))
        .collect();
    for child in node.children().filter(|child| child.is_element()) {
        let Some(namespace) = child.tag_name().namespace().filter(|namespace| *namespace != RDF) else { continue };
        let item = child.descendants().find(|inner| inner.has_tag_name((RDF, "li"))).unwrap_or(child);
        let resource = [child, item].iter().find_map(|node| node.attribute((RDF, "resource")));
        let content = || item.children().filter_map(|text| text.text()).collect::<String>();
        let value = resource.map_or_else(content, str::to_owned);
        properties.push((namespace, child.tag_name().name(), value.trim().to_owned()));
    }
    properties
}

/// Whether an `rdf:Description` is a statement of ours.
fn is_ours(node: Node) -> bool {
    properties(node)
        .iter()
        .any(|(namespace, name, value)| *namespace == TC260 && *name == "AIGC" && aigc::is_ours(value))
}

fn text(packet: &[u8]) -> Result<&str, String> {
    if packet.len() > MAX_PACKET {
        return Err(format!("it is larger than {} MB", MAX_PACKET >> 20));
    }
    let text = std::str::from_utf8(packet).map_err(|_| "it is not in UTF-8")?;
    Ok(text.trim_end_matches('\0').trim_start_matches('\u{feff}'))
}

fn parse(text: &str) -> Result<Document<'_>, String> {
    guard::check(text)?;
    // Without a DTD there are no entities but XML's own five.
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| error.to_string())
}
