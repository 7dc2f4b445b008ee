//! Numbers within bounds.

use rand::Rng;
use serde_json::{Number, Value};

use super::flat::Flat;

/// Numbers are drawn from so many, from the least that is allowed.
const SPAN: f64 = 1000.0;

/// So many numbers are tried where they must be multiples of something.
const TRIES: u32 = 1000;

/// Beyond this, not every integer is a number of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Bounds of a number, both within.
struct Bounds {
    least: f64,
    most: f64,
}

impl Bounds {
    /// What a schema says, with the numbers next to those that it excludes; `step` apart.
    fn of(flat: &Flat<'_>, step: f64) -> Self {
        let above = flat.least("exclusiveMinimum").map(|limit| (limit / step).floor() * step + step);
        let below = flat.most("exclusiveMaximum").map(|limit| (limit / step).ceil() * step - step);
        let least = flat.least("minimum").map(|limit| (limit / step).ceil() * step);
        let most = flat.most("maximum").map(|limit| (limit / step).floor() * step);
        let least = [least, above].into_iter().flatten().reduce(f64::max).unwrap_or(f64::NEG_INFINITY);
        let most = [most, below].into_iter().flatten().reduce(f64::min).unwrap_or(f64::INFINITY);
        Self { least, most }
    }

    /// A part of them that is small, and above 0 where that is allowed.
    fn near(&self) -> (f64, f64) {
        if self.most < 1.0 {
            let most = if self.most.is_finite() { self.most } else { 0.0 };
            (self.least.max(most - SPAN), most)
        } else {
            let least = self.least.max(1.0);
            (least, self.most.min(least + SPAN))
        }
    }
}

/// An integer that a schema allows.
pub(super) fn integer(flat: &Flat<'_>, random: &mut impl Rng) -> Option<Value> {
    let multiples: Vec<f64> = flat.all("multipleOf").filter_map(|(_, value)| value.as_f64()).collect();
    let bounds = Bounds::of(flat, 1.0);
    let (least, most) = bounds.near();
    if least > most {
        return None;
    }
    if least.abs().max(most.abs()) > EXACT {
        // Beyond what is exact, the bound itself is a number that is allowed.
        let edges = ["minimum", "maximum"].map(|bound| flat.all(bound).map(|(_, value)| value).next());
        return edges.into_iter().flatten().find(|value| !value.is_f64()).cloned();
    }
    let is_multiple = |number: f64| multiples.iter().all(|of| (number / of).fract() == 0.0);
    let first = if multiples.is_empty() { random.random_range(least..=most).floor() } else { least };
    let step = multiples.iter().copied().find(|of| of.fract() == 0.0).unwrap_or(1.0);
    let first = if multiples.is_empty() { first.max(least) } else { (first / step).ceil() * step };
    let numbers = (0..TRIES).map(|turn| first + step * f64::from(turn));
    let mut fitting =
        numbers.take_while(|number| *number <= bounds.most).filter(|number| is_multiple(*number));
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and exact")]
    fitting.next().map(|number| Value::from(number as i64))
}

/// A number that a schema allows; of two decimals, where it is free.
pub(super) fn number(flat: &Flat<'_>, random: &mut impl Rng) -> Option<Value> {
    let step = flat.all("multipleOf").filter_map(|(_, value)| value.as_f64()).reduce(f64::max);
    if let Some(step) = step {
        let (least, most) = Bounds::of(flat, step).near();
        let first = (least / step).ceil();
        return (first * step <= most).then(|| json(first * step)).flatten();
    }
    let (least, most) = Bounds::of(flat, 0.01).near();
    if least > most {
        // Closer together than two decimals.
        let bound = flat.least("minimum").or_else(|| flat.most("maximum"));
        let between = || Some(f64::midpoint(flat.least("exclusiveMinimum")?, flat.most("exclusiveMaximum")?));
        return bound.or_else(between).and_then(json);
    }
    let drawn = (random.random_range(least..=most) * 100.0).round() / 100.0;
    json(drawn.clamp(least, most))
}

fn json(number: f64) -> Option<Value> {
    Number::from_f64(number).map(Value::Number)
}
