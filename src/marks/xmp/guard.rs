//! XML that would cost its reader more than it is worth, refused before it is parsed.

/// How deep elements may lie in each other: XMP's own nest some ten deep.
const MAX_DEPTH: usize = 64;
/// The most attributes of one element, and the most declarations of namespaces altogether: the reader compares each with all
/// others, and hands the declarations down.
const MAX_ATTRIBUTES: usize = 1000;

/// Looks at tags alone, without understanding them; what is not well-formed is left to the parser.
///
/// # Errors
/// What there is too much of.
pub(super) fn check(text: &str) -> Result<(), &'static str> {
    if text.matches("xmlns").count() > MAX_ATTRIBUTES {
        return Err("it declares too many namespaces");
    }
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let end = match rest {
            _ if rest.starts_with("<!--") => after(rest, "-->"),
            _ if rest.starts_with("<![CDATA[") => after(rest, "]]>"),
            _ if rest.starts_with("<?") => after(rest, "?>"),
            _ => {
                let end = tag_end(rest);
                let tag = &rest[..end];
                if tag.matches('=').count() > MAX_ATTRIBUTES {
                    return Err("an element has too many attributes");
                }
                if tag.starts_with("</") {
                    depth = depth.saturating_sub(1);
                } else if !tag.ends_with("/>") && !tag.starts_with("<!") {
                    depth += 1;
                }
                end
            }
        };
        if depth > MAX_DEPTH {
            return Err("its elements are too deep in each other");
        }
        rest = &rest[end..];
    }
    Ok(())
}

/// Behind the first `mark`, or the end.
fn after(text: &str, mark: &str) -> usize {
    text.find(mark).map_or(text.len(), |at| at + mark.len())
}

/// Behind the `>` of a tag, or the end; one in quotes does not count.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_xml_passes() {
        let text = "<?xpacket begin='<<<'?><!-- <a><a> --><a b='>' c=\"/>\"><![CDATA[<a><a>]]><d/></a>";
        assert_eq!(check(text), Ok(()));
        assert_eq!(check(""), Ok(()));
        assert_eq!(check("<"), Ok(()));
        assert_eq!(check("<!--"), Ok(()));
    }

    #[test]
    fn bombs_do_not() {
        assert!(check(&"<a>".repeat(65)).is_err());
        assert_eq!(check(&"<a></a>".repeat(1000)), Ok(()));
        assert!(check(&format!("<a {}/>", "b='c' ".repeat(1001))).is_err());
        assert!(check(&"<a xmlns:b='c'/>".repeat(1001)).is_err());
    }
}
