//! YAML as JSON, as far as the contracts use it.

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_json::{Map, Value, json};

/// The value of a document.
pub(crate) fn read(text: &str) -> Value {
    let mut parser = Parser::new_from_str(text);
    loop {
        let event = next(&mut parser);
        if !matches!(event, Event::StreamStart | Event::DocumentStart(_)) {
            return value(&mut parser, event);
        }
    }
}

fn next<'a>(parser: &mut Parser<'a, StrInput<'a>>) -> Event<'a> {
    parser.next().expect("the document goes on").expect("the document is YAML").0
}

fn value<'a>(parser: &mut Parser<'a, StrInput<'a>>, event: Event<'a>) -> Value {
    match event {
        // The contracts' own plain words are JSON, or text.
        Event::Scalar(text, ScalarStyle::Plain, ..) => {
            serde_json::from_str(&text).unwrap_or_else(|_| json!(text))
        }
        Event::Scalar(text, ..) => json!(text),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match next(parser) {
                    Event::SequenceEnd => return Value::Array(items),
                    event => items.push(value(parser, event)),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut members = Map::new();
            loop {
                match next(parser) {
                    Event::MappingEnd => return Value::Object(members),
                    event => {
                        let name = value(parser, event);
                        let event = next(parser);
                        let name = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
                        members.insert(name, value(parser, event));
                    }
                }
            }
        }
        other => panic!("the contracts have no {other:?}"),
    }
}
