//! What plain scalars of YAML stand for (YAML 1.2.2 §10.3.2).

use serde_json::{Number, Value};

/// A number that is infinite, none, or too large for JSON.
pub(super) struct Unwritable;

/// What a plain scalar stands for (YAML 1.2.2 §10.3.2); `None`: itself.
pub(super) fn plain(text: &str) -> Result<Option<Value>, Unwritable> {
    Ok(Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Err(Unwritable),
        _ => match text.strip_prefix(['+', '-']).unwrap_or(text) {
            ".inf" | ".Inf" | ".INF" => return Err(Unwritable),
            unsigned => return number(text, unsigned),
        },
    }))
}

fn number(text: &str, unsigned: &str) -> Result<Option<Value>, Unwritable> {
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
                return Ok(None);
            }
            return u64::from_str_radix(digits, radix)
                .map(|number| Some(number.into()))
                .map_err(|_| Unwritable);
        }
    }
    let has_digit = unsigned.strip_prefix('.').unwrap_or(unsigned).starts_with(|c: char| c.is_ascii_digit());
    // Rust also takes words for numbers.
    if !has_digit
        || !unsigned.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
    {
        return Ok(None);
    }
    if let Ok(number) = text.parse::<i64>() {
        return Ok(Some(number.into()));
    }
    if let Ok(number) = text.parse::<u64>() {
        return Ok(Some(number.into()));
    }
    match text.parse::<f64>() {
        Ok(number) => Number::from_f64(number).map(|number| Some(number.into())).ok_or(Unwritable),
        Err(_) => Ok(None),
    }
}
