//! The label of China's GB 45438-2025 (annexes E and F): seven fields, all of them strings, as JSON.

use super::{Layer, Mark, Says, Statement};
use serde_json::{Map, Value};

/// The fields, in the standard's order.
const FIELDS: [&str; 7] =
    ["Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID", "ReservedCode2"];

/// The label of a statement, in ASCII, so that every container takes it: `{"Label":"1",...}`.
///
/// `ReservedCode1` is for the producer's own protection and stays empty: a hash without a key proves nothing, and the
/// signature is C2PA's. The propagator's fields are for who spreads the file.
pub(super) fn label(statement: &Statement) -> String {
    let id = statement.produce_id();
    let values = ["1", &statement.producer, &id, "", "", "", ""];
    let fields = FIELDS.iter().zip(values).map(|(name, value)| format!("\"{name}\":{}", ascii(value)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// A JSON string; what is not ASCII is escaped.
fn ascii(text: &str) -> String {
    let mut units = [0; 2];
    let escape = |c: char| match c.is_ascii() {
        true => c.to_string(),
        false => c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    };
    Value::from(text).to_string().chars().map(escape).collect()
}

/// The mark that `text` is: the object, or one with the member `AIGC` that holds it, as an object or once more as text.
/// `None` for any other text.
pub(super) fn read(text: &str) -> Option<Mark> {
    let Value::Object(fields) = serde_json::from_str(text.trim().trim_end_matches('\0')).ok()? else { return None };
    let fields = match fields.get("AIGC") {
        Some(Value::Object(inner)) => inner.clone(),
        Some(Value::String(inner)) => serde_json::from_str(inner).ok()?,
        _ => fields,
    };
    let label = field(&fields, "Label")?;
    let says = match label.as_str() {
        "1" => Says::Generated,
        "2" | "3" => Says::PerhapsGenerated,
        _ => Says::Unknown,
    };
    let mut mark = Mark::unsigned(Layer::Aigc, says);
    if let Some(producer) = field(&fields, "ContentProducer").filter(|producer| !producer.is_empty()) {
        mark = mark.by(&producer);
    }
    mark.ours |= field(&fields, "ProduceID").is_some_and(|id| id.starts_with(Statement::ID_PREFIX));
    for name in FIELDS {
        mark = mark.with(name, &field(&fields, name).unwrap_or_default());
    }
    Some(mark)
}

/// Whether `text` is a label of ours, which a new one replaces.
pub(super) fn is_ours(text: &str) -> bool {
    read(text).is_some_and(|mark| mark.ours)
}

/// A field's value; numbers are written by some, though the standard has strings.
fn field(fields: &Map<String, Value>, name: &str) -> Option<String> {
    match fields.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(producer: &str) -> Statement {
        Statement {
            id: [7; 16],
            producer: producer.into(),
            title: String::new(),
            description: String::new(),
            made: None,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let text = label(&statement("某公司 \"A\"\\"));
        assert!(text.is_ascii());
        let mark = read(&text).expect("a label");
        assert_eq!((mark.layer, mark.says, mark.ours), (Layer::Aigc, Says::Generated, true));
        assert_eq!(mark.by.as_deref(), Some("某公司 \"A\"\\"));
        assert_eq!(mark.details.len(), 3, "empty fields are left out");
        let fields: Map<String, Value> = serde_json::from_str(&text).expect("JSON");
        assert!(fields.keys().all(|name| FIELDS.contains(&name.as_str())) && fields.len() == 7);
    }

    #[test]
    fn others_write_it_in_several_ways() {
        for text in [
            r#"{"Label":"2","ContentProducer":"x"}"#,
            r#"{"AIGC":{"Label":2,"ContentProducer":"x"}}"#,
            r#"{"AIGC":"{\"Label\":\"3\",\"ContentProducer\":\"x\"}"}"#,
        ] {
            let mark = read(text).expect("a label");
            assert_eq!(
                (mark.says, mark.ours, mark.by.as_deref()),
                (Says::PerhapsGenerated, false, Some("x")),
                "{text}"
            );
        }
        for text in ["", "1", "[]", r#"{"Lable":"1"}"#, r#"{"AIGC":1}"#, r#"{"AIGC":"["}"#, &"[".repeat(100_000)] {
            assert_eq!(read(text), None);
        }
    }
}
