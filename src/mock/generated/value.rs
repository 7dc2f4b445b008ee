//! Values that a schema allows, drawn from a source of chance.

use rand::Rng as _;
use rand_chacha::ChaCha12Rng;
use serde_json::{Map, Value};

use super::flat::{Flat, Node, Turn};
use super::{number, pattern, text};
use crate::spec::schema::Schemas;
use crate::spec::way::Way;

/// So many values are made for one answer; what may be left out is left out then.
const MOST_VALUES: usize = 5_000;

/// So deep values are nested in each other.
const DEEPEST: usize = 40;

/// Longer texts and lists are not made, whatever a schema wants.
const LONGEST: f64 = 100_000.0;

/// So many texts are made of an expression, until one has the length and the form that are wanted.
const TRIES: usize = 60;

/// A list that may be of any length has so many items at most.
const USUAL_ITEMS: f64 = 2.0;

/// So many ways to take alternatives are tried.
const MOST_TURNS: usize = 64;

/// How many members an object has that need not be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fill {
    All,
    Required,
}

/// Makes the values of one answer.
pub(super) struct Generator<'a> {
    schemas: &'a Schemas,
    random: ChaCha12Rng,
    /// What is being made, from the outside in.
    open: Vec<Node>,
    left: usize,
    /// Members that only requests have are made, where a schema demands them.
    pub(super) with_write_only: bool,
}

impl<'a> Generator<'a> {
    pub(super) fn new(schemas: &'a Schemas, random: ChaCha12Rng) -> Self {
        Self { schemas, random, open: Vec::new(), left: MOST_VALUES, with_write_only: false }
    }

    /// A value that the schemas of `node` allow, as far as that can be told, or why there is none.
    pub(super) fn value(&mut self, node: &Node) -> Result<Value, String> {
        self.named("", node)
    }

    /// The same for a member of this name.
    fn named(&mut self, name: &str, node: &Node) -> Result<Value, String> {
        let place = || node.first().map(ToString::to_string).unwrap_or_default();
        if !node.is_empty() && self.open.contains(node) {
            return Err(format!("{} contains itself and must be there", place()));
        }
        if self.left == 0 || self.open.len() >= DEEPEST {
            return Err(format!("{} is too large", place()));
        }
        self.left -= 1;
        self.open.push(node.clone());
        let made = self.by_turns(name, node);
        self.open.pop();
        made.or_else(|why| self.example(node).ok_or(why))
    }

    /// Takes the alternatives one after the other, until a value can be made of one.
    fn by_turns(&mut self, name: &str, node: &Node) -> Result<Value, String> {
        let (mut why, first) = (None, self.random.random_range(0..MOST_TURNS));
        'filled: for fill in [Fill::All, Fill::Required] {
            let mut turn = Turn { number: 0, first };
            loop {
                let flat = Flat::of(self.schemas, node, turn);
                match self.make(name, &flat, fill) {
                    Ok(value) if !flat.is_conditional || self.fits(node, &value) => return Ok(value),
                    Ok(_) => {
                        why.get_or_insert_with(|| {
                            format!("no value is made for the choices of {}", flat.place())
                        });
                    }
                    Err(reason) => _ = why.get_or_insert(reason),
                }
                if !flat.is_conditional {
                    break 'filled;
                }
                turn.number += 1;
                if turn.number >= flat.turns.min(MOST_TURNS) {
                    break;
                }
            }
        }
        Err(why.unwrap_or_default())
    }

    /// Whether all schemas allow a value.
    fn fits(&self, node: &Node, value: &Value) -> bool {
        node.iter().all(|schema| {
            self.schemas.validator(schema, Way::Answer).is_ok_and(|validator| validator.is_valid(value))
        })
    }

    /// An example of the document, where its own schema allows it.
    fn example(&self, node: &Node) -> Option<Value> {
        let flat = Flat::of(self.schemas, node, Turn::default());
        flat.examples().find(|value| self.fits(node, value)).cloned()
    }

    fn make(&mut self, name: &str, flat: &Flat<'_>, fill: Fill) -> Result<Value, String> {
        if flat.is_never {
            return Err(format!("{} allows nothing", flat.place()));
        }
        if let Some(values) = flat.values() {
            let usual: Vec<&Value> = values.iter().copied().filter(|value| !value.is_null()).collect();
            let values = if usual.is_empty() { values } else { usual };
            return match values.len() {
                0 => Err(format!("{} allows none of its values", flat.place())),
                count => Ok(values[self.random.random_range(0..count)].clone()),
            };
        }
        let none = || format!("no number is within the bounds of {}", flat.place());
        match flat.kind() {
            Some("object") => self.object(flat, fill),
            Some("array") => self.list(name, flat, fill),
            Some("string") => self.text(name, flat).map(Value::String),
            Some("integer") => number::integer(flat, &mut self.random).ok_or_else(none),
            Some("number") => number::number(flat, &mut self.random).ok_or_else(none),
            Some("boolean") => Ok(self.random.random_bool(0.5).into()),
            Some(_) => Ok(Value::Null),
            None => Err(format!("{} allows no type", flat.place())),
        }
    }

    fn text(&mut self, name: &str, flat: &Flat<'_>) -> Result<String, String> {
        let (least, most) = lengths(flat, ["minLength", "maxLength"])?;
        let patterns: Vec<&str> = flat.texts("pattern").collect();
        if let Some(first) = patterns.first() {
            return self.matching(first, &patterns, (least, most)).ok_or_else(|| {
                format!("no text is made for the pattern /{}/ of {}", patterns.join("/ and /"), flat.place())
            });
        }
        if let Some(text) = flat.texts("format").find_map(|format| text::of_format(format, &mut self.random))
        {
            return Ok(text);
        }
        let is_like_an_id = name == "id" || name.ends_with("_id");
        Ok(text::plain(least, most, is_like_an_id, &mut self.random))
    }

    /// A text of these lengths that matches all expressions.
    fn matching(&mut self, first: &str, patterns: &[&str], (least, most): (usize, usize)) -> Option<String> {
        let expression = pattern::parse(first)?;
        let patterns = patterns.iter().map(|pattern| regex::Regex::new(pattern).ok());
        let patterns = patterns.collect::<Option<Vec<_>>>()?;
        let usual = u32::try_from(least.clamp(8, 5_000)).unwrap_or(8);
        (0..TRIES).find_map(|turn| {
            let more = [usual, 3, usual.saturating_mul(2), 1][turn % 4];
            let text = pattern::sample(&expression, more, &mut self.random);
            let length = text.chars().count();
            let is_one =
                (least..=most).contains(&length) && patterns.iter().all(|pattern| pattern.is_match(&text));
            is_one.then_some(text)
        })
    }

    fn list(&mut self, name: &str, flat: &Flat<'_>, fill: Fill) -> Result<Value, String> {
        let contained = if flat.all("contains").next().is_some() {
            flat.least("minContains").unwrap_or(1.0)
        } else {
            0.0
        };
        let (least, most) = lengths(flat, ["minItems", "maxItems"])?;
        let least = least.max(whole(contained));
        let usual = match fill {
            Fill::All => self.random.random_range(1..=whole(USUAL_ITEMS)),
            Fill::Required => 0,
        };
        let is_unique = flat.all("uniqueItems").any(|(_, is_unique)| is_unique == true);
        let mut items: Vec<Value> = Vec::new();
        for place in 0..usual.clamp(least.min(most), most).max(least) {
            let mut node = flat.item(place);
            if place < whole(contained) {
                node.extend(flat.below("contains"));
            }
            let tries = if is_unique { TRIES } else { 1 };
            let mut made = Err(format!("{} has no other item", flat.place()));
            for _ in 0..tries {
                made = made.or_else(|_| match self.named(name, &node) {
                    Ok(item) if is_unique && items.contains(&item) => {
                        Err(format!("no other item is made for {}", flat.place()))
                    }
                    made => made,
                });
            }
            match made {
                Ok(item) => items.push(item),
                Err(_) if place >= least => break,
                Err(why) => return Err(why),
            }
        }
        Ok(items.into())
    }

    fn object(&mut self, flat: &Flat<'_>, fill: Fill) -> Result<Value, String> {
        let required = flat.required();
        let (least, most) = lengths(flat, ["minProperties", "maxProperties"])?;
        let mut members = Map::new();
        let (mut first, rest): (Vec<&str>, Vec<&str>) =
            flat.members().into_iter().partition(|name| required.contains(name) || fill == Fill::All);
        if first.len() > most {
            first.sort_by_key(|name| !required.contains(name));
        }
        // What may be left out fills an object that must have more.
        for (name, is_wanted) in
            first.iter().map(|name| (name, true)).chain(rest.iter().map(|name| (name, false)))
        {
            let is_required = required.contains(name);
            if !is_required && ((!is_wanted && members.len() >= least) || members.len() >= most) {
                continue;
            }
            let node = flat.member(name);
            let is_sent_only = node.iter().any(|schema| self.schemas.says(schema, Way::Answer.kept_from()));
            if is_sent_only && !(is_required && self.with_write_only) {
                continue;
            }
            let made = match flat.named.get(*name) {
                Some(value) => Ok(value.clone()),
                None => self.named(name, &node),
            };
            match made {
                Ok(value) => _ = members.insert((*name).to_owned(), value),
                Err(_) if !is_required => {}
                Err(why) => return Err(why),
            }
        }
        let is_map =
            flat.members().is_empty() && flat.all("additionalProperties").any(|(_, other)| other.is_object());
        let wanted = least.max(usize::from(is_map && fill == Fill::All)).min(most);
        self.add_others(flat, wanted, &mut members)?;
        Ok(members.into())
    }

    /// Adds members that no schema names, until there are so many.
    fn add_others(
        &mut self,
        flat: &Flat<'_>,
        wanted: usize,
        members: &mut Map<String, Value>,
    ) -> Result<(), String> {
        let names = flat.below("propertyNames");
        for _ in 0..TRIES.max(wanted.saturating_mul(2)) {
            if members.len() >= wanted {
                return Ok(());
            }
            let name = if names.is_empty() {
                text::plain(0, usize::MAX, false, &mut self.random)
            } else {
                self.named("", &names)?.as_str().unwrap_or_default().to_owned()
            };
            if members.contains_key(&name) {
                continue;
            }
            let value = self.named(&name, &flat.member(&name))?;
            members.insert(name, value);
        }
        if members.len() >= wanted { Ok(()) } else { Err(format!("{} wants more members", flat.place())) }
    }
}

/// The least and the largest number of something.
fn lengths(flat: &Flat<'_>, [least, most]: [&str; 2]) -> Result<(usize, usize), String> {
    let (least, most) = (flat.least(least).unwrap_or(0.0), flat.most(most).unwrap_or(f64::INFINITY));
    if least > LONGEST {
        return Err(format!("{} wants more than {LONGEST}", flat.place()));
    }
    if least > most {
        return Err(format!("{} wants more than it allows", flat.place()));
    }
    Ok((whole(least.ceil()), whole(most.floor())))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a length, or beyond any")]
fn whole(length: f64) -> usize {
    length.max(0.0) as usize
}
