//! WGSL with its repetitions written once.
//!
//! Kernels keep their sums in named variables, because compilers leave indexed arrays in memory; how many there are
//! is chosen per network. A kernel's file is WGSL with these additions:
//! - `${expression}` is replaced by the value of a whole-number expression (+ - * / %, comparisons, brackets);
//! - lines between `#repeat NAME COUNT` and `#end` are repeated with NAME = 0, 1, ...;
//! - lines between `#if EXPRESSION` and `#end` (or `#else` and `#end`) stay where the expression is not 0.

use std::collections::HashMap;

/// Values of names.
pub(crate) type Names = HashMap<String, i64>;

/// Expands a kernel's text. The kernels are part of this program, so what is wrong in one fails its tests, loudly.
pub(crate) fn expand(text: &str, names: &[(&str, i64)]) -> String {
    let mut names: Names = names.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::with_capacity(2 * text.len());
    block(&lines, &mut names, &mut out);
    out
}

fn block(lines: &[&str], names: &mut Names, out: &mut String) {
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at].trim_start();
        let Some(directive) = line.strip_prefix('#') else {
            if !line.starts_with("//") {
                out.push_str(&substituted(lines[at], names));
                out.push('\n');
            }
            at += 1;
            continue;
        };
        let end = at + matching(&lines[at..]);
        let body = &lines[at + 1..end];
        if let Some(rest) = directive.strip_prefix("repeat ") {
            let (name, count) = rest.split_once(' ').unwrap_or((rest, "0"));
            for i in 0..evaluate(&substituted(count, names), names) {
                names.insert(name.to_owned(), i);
                block(body, names, out);
            }
            names.remove(name);
        } else if let Some(condition) = directive.strip_prefix("if ") {
            let middle = else_of(body);
            let (yes, no) = match middle {
                Some(middle) => (&body[..middle], &body[middle + 1..]),
                None => (body, &body[..0]),
            };
            let chosen = if evaluate(&substituted(condition, names), names) != 0 { yes } else { no };
            block(chosen, names, out);
        }
        at = end + 1;
    }
}

/// Lines from a directive to its `#end`.
fn matching(lines: &[&str]) -> usize {
    let mut depth = 0;
    for (at, line) in lines.iter().map(|line| line.trim_start()).enumerate() {
        depth += i32::from(line.starts_with("#repeat") || line.starts_with("#if"));
        depth -= i32::from(line.starts_with("#end"));
        if depth == 0 {
            return at;
        }
    }
    lines.len()
}

fn else_of(body: &[&str]) -> Option<usize> {
    let mut depth = 0;
    body.iter().position(|line| {
        let line = line.trim_start();
        depth += i32::from(line.starts_with("#repeat") || line.starts_with("#if"));
        depth -= i32::from(line.starts_with("#end"));
        depth == 0 && line.starts_with("#else")
    })
}

fn substituted(line: &str, names: &Names) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("${") {
        let (expression, behind) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        out.push_str(&evaluate(expression, names).to_string());
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The value of an expression; unknown names are 0.
fn evaluate(expression: &str, names: &Names) -> i64 {
    let tokens = tokens(expression);
    let mut at = 0;
    compared(&tokens, &mut at, names)
}

fn tokens(expression: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = false;
    for c in expression.chars() {
        let is_word = c.is_alphanumeric() || c == '_';
        match out.last_mut() {
            Some(last) if is_word && word => last.push(c),
            Some(last) if c == '=' && matches!(last.as_str(), "=" | "!" | "<" | ">") => last.push(c),
            _ if c.is_whitespace() => {}
            _ => out.push(c.to_string()),
        }
        word = is_word;
    }
    out
}

fn compared(tokens: &[String], at: &mut usize, names: &Names) -> i64 {
    let mut left = summed(tokens, at, names);
    while let Some(operator) = tokens.get(*at).filter(|t| matches!(t.as_str(), "==" | "!=" | "<" | ">" | "<=" | ">=")) {
        *at += 1;
        let right = summed(tokens, at, names);
        left = i64::from(match operator.as_str() {
            "==" => left == right,
            "!=" => left != right,
            "<" => left < right,
            ">" => left > right,
            "<=" => left <= right,
            _ => left >= right,
        });
    }
    left
}

fn summed(tokens: &[String], at: &mut usize, names: &Names) -> i64 {
    let mut left = multiplied(tokens, at, names);
    while let Some(operator) = tokens.get(*at).filter(|t| matches!(t.as_str(), "+" | "-")) {
        *at += 1;
        let right = multiplied(tokens, at, names);
        left = if operator == "+" { left + right } else { left - right };
    }
    left
}

fn multiplied(tokens: &[String], at: &mut usize, names: &Names) -> i64 {
    let mut left = single(tokens, at, names);
    while let Some(operator) = tokens.get(*at).filter(|t| matches!(t.as_str(), "*" | "/" | "%")) {
        *at += 1;
        let right = single(tokens, at, names);
        left = match operator.as_str() {
            "*" => left * right,
            "/" => left / right.max(1),
            _ => left % right.max(1),
        };
    }
    left
}

fn single(tokens: &[String], at: &mut usize, names: &Names) -> i64 {
    let Some(token) = tokens.get(*at) else { return 0 };
    *at += 1;
    if token == "(" {
        let value = compared(tokens, at, names);
        *at += 1;
        return value;
    }
    token.parse().unwrap_or_else(|_| names.get(token).copied().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_and_conditions() {
        let text = "#repeat i N\n#repeat j 2\nlet a${i}_${j} = ${i * 2 + j};\n#end\n#end\n#if N == 2\nyes ${(N + 1) * 4 % 5}\n#else\nno\n#end\n";
        let expanded = expand(text, &[("N", 2)]);
        assert_eq!(expanded, "let a0_0 = 0;\nlet a0_1 = 1;\nlet a1_0 = 2;\nlet a1_1 = 3;\nyes 2\n");
        assert_eq!(expand(text, &[("N", 0)]), "no\n");
    }
}
