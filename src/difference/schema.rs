//! Two schemas for the same value.

use std::collections::BTreeSet;

use super::Level;
use super::comparison::{Comparison, location};
use super::variant::Variant;
use crate::spec::form::{BOUNDS, EDGES, Form, Node, is_among};
use crate::spec::way::Way;
use crate::spec::{Location, escape};

impl Comparison<'_> {
    /// `path` leads from the whole body to the value: empty, or `/projects/*/id`.
    pub(super) fn compare(&mut self, old: &Node, new: &Node, path: &str) {
        if !self.seen.insert((old.clone(), new.clone())) {
            return;
        }
        let before = Variant::of(self.old, old, self.way);
        let after = Variant::of(self.new, new, self.way);
        self.compare_variants(&before, &after, path);
    }

    pub(super) fn compare_variants(&mut self, old: &Variant, new: &Variant, path: &str) {
        let (before, after) = (&old.form, &new.form);
        let at = self.location(&new.node);
        self.words(before, after, &at, path);
        if let (Some(was), Some(is)) = (&before.discriminator, &after.discriminator)
            && was != is
        {
            let message = format!("the discriminator was `{was}`, is `{is}`");
            self.add(Level::Breaking, message, at.clone(), path);
        }
        let is_rearranged = self.is_rearranged(old, new, path);
        self.choices(old, new, is_rearranged, path);
        if is_rearranged {
            return;
        }
        let mut told = Told { comparison: self, at, path };
        told.types(before, after);
        told.sets("the values", before.values.as_ref(), after.values.as_ref());
        told.bounds(before, after);
        told.repetition(before, after);
        told.marks("`multipleOf`", &before.multiples, &after.multiples);
        told.marks("the pattern", &before.patterns, &after.patterns);
        told.marks("the format", &before.formats, &after.formats);
        told.required(before, after);
        told.others(before, after);
        self.members(before, after, path, &old.node);
        if !before.items.is_empty() && !after.items.is_empty() {
            self.compare(&before.items, &after.items, &format!("{path}/*"));
        }
        self.contained(before, after, path, &new.node);
        if !before.others.is_empty() && !after.others.is_empty() {
            self.compare(&before.others, &after.others, &format!("{path}/*"));
        }
        self.alternatives(old, new, path);
    }

    /// What a schema says besides what it allows.
    fn words(&mut self, before: &Form, after: &Form, at: &Location, path: &str) {
        let mut told = Told { comparison: self, at: at.clone(), path };
        if before.default != after.default && told.comparison.way == Way::Request {
            let shown = |value: &Option<_>| value.as_ref().map_or("none".to_owned(), ToString::to_string);
            let message = format!("the default was {}, is {}", shown(&before.default), shown(&after.default));
            told.tell(Level::Breaking, message);
        }
        for keyword in crate::spec::form::PROSE {
            if before.prose.get(keyword) != after.prose.get(keyword) {
                told.tell(Level::Documentation, format!("`{keyword}` has changed"));
            }
        }
    }

    fn members(&mut self, before: &Form, after: &Form, path: &str, old: &Node) {
        for (name, node) in &before.members {
            let below = format!("{path}/{}", escape(name));
            if let Some(now) = after.members.get(name) {
                self.compare(node, now, &below);
            } else {
                let at = location(self.old, node).unwrap_or_else(|| self.location(old));
                self.add(Level::Breaking, format!("the member `{name}` is gone"), at, &below);
            }
        }
        for (name, node) in after.members.iter().filter(|(name, _)| !before.members.contains_key(*name)) {
            let below = format!("{path}/{}", escape(name));
            // One that a request needs is told as such.
            if self.way == Way::Request && after.required.contains(name) {
                continue;
            }
            let at = self.location(node);
            self.add(Level::Additive, format!("the member `{name}` is new"), at, &below);
        }
    }

    /// What some items must be. With an upper limit on their number, another schema neither widens nor narrows what clients may send.
    fn contained(&mut self, before: &Form, after: &Form, path: &str, new: &Node) {
        if before.contains.is_empty() || after.contains.is_empty() {
            return;
        }
        if [before, after].iter().all(|form| !form.bounds.contains_key("maxContains")) {
            return self.compare(&before.contains, &after.contains, &format!("{path}/*"));
        }
        let was = Variant::of(self.old, &before.contains, self.way);
        let is = Variant::of(self.new, &after.contains, self.way);
        if self.distance(&was, &is).all > 0 {
            let at = self.location(new);
            self.add(Level::Breaking, "what `maxContains` counts has changed".to_owned(), at, path);
        }
    }
}

/// What is told about one value.
struct Told<'c, 'a> {
    comparison: &'c mut Comparison<'a>,
    at: Location,
    path: &'c str,
}

impl Told<'_, '_> {
    fn tell(&mut self, level: Level, message: String) {
        self.comparison.add(level, message, self.at.clone(), self.path);
    }

    /// Where values are given, these say it all, unless they are of other types than before.
    fn types(&mut self, before: &Form, after: &Form) {
        let (old, new) = (before.kinds(), after.kinds());
        let are_within =
            |inner: &Option<BTreeSet<String>>, outer: &Option<BTreeSet<String>>| match (inner, outer) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(inner), Some(outer)) => inner.iter().all(|kind| is_among(outer, kind)),
            };
        let is_told = match (&before.values, &after.values) {
            (Some(_), Some(_)) => false,
            (None, None) => true,
            (Some(_), None) => !are_within(&old, &new),
            (None, Some(_)) => !are_within(&new, &old),
        };
        if is_told {
            self.sets("the types", old.as_ref(), new.as_ref());
        }
    }

    /// Sets of what is allowed; none allows everything.
    fn sets(&mut self, what: &str, old: Option<&BTreeSet<String>>, new: Option<&BTreeSet<String>>) {
        if old == new {
            return;
        }
        let shown = |set: Option<&BTreeSet<String>>| match set {
            Some(set) => set.iter().cloned().collect::<Vec<_>>().join(", "),
            None => "any".to_owned(),
        };
        let allows =
            |set: Option<&BTreeSet<String>>, value: &String| set.is_none_or(|set| is_among(set, value));
        let lost = old.is_none() || old.into_iter().flatten().any(|value| !allows(new, value));
        let gained = new.is_none() || new.into_iter().flatten().any(|value| !allows(old, value));
        let message = format!("{what} were {}, are {}", shown(old), shown(new));
        let way = self.comparison.way;
        let levels = [lost.then(|| way.narrower()), gained.then(|| way.wider())];
        if let Some(level) = levels.into_iter().flatten().min() {
            self.tell(level, message);
        }
    }

    fn bounds(&mut self, before: &Form, after: &Form) {
        for edge in EDGES {
            self.bound(edge.2, before.edge(edge), after.edge(edge));
        }
        let is_edge = |bound: &str| EDGES.iter().any(|edge| edge.0 == bound || edge.1 == bound);
        for (bound, grows) in BOUNDS.into_iter().filter(|(bound, _)| !is_edge(bound)) {
            let of = |form: &Form| form.bounds.get(bound).map(|limit| (bound, *limit));
            self.bound(grows, of(before), of(after));
        }
    }

    /// A bound and its keyword; `grows`: a larger value allows more.
    fn bound(&mut self, grows: bool, old: Option<(&str, f64)>, new: Option<(&str, f64)>) {
        let is_wider = match (old, new) {
            (None, None) => return,
            (Some((was, old)), Some((is, new))) if (old - new).abs() < f64::EPSILON => {
                if was == is {
                    return;
                }
                was.len() > is.len()
            }
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some((_, old)), Some((_, new))) => (new > old) == grows,
        };
        let name = |bound: Option<(&str, f64)>| bound.map(|(name, _)| format!("`{name}`"));
        let shown =
            |limit: Option<(&str, f64)>| limit.map_or("none".to_owned(), |(_, limit)| limit.to_string());
        let (was, is) = (name(old), name(new));
        let is_other = was.is_some() && is.is_some() && was != is;
        let other = is.clone().filter(|_| is_other).map(|is| format!("{is} ")).unwrap_or_default();
        let first = was.or(is).unwrap_or_default();
        let way = self.comparison.way;
        let level = if is_wider { way.wider() } else { way.narrower() };
        self.tell(level, format!("{first} was {}, is {other}{}", shown(old), shown(new)));
    }

    fn repetition(&mut self, before: &Form, after: &Form) {
        let way = self.comparison.way;
        match (before.is_unique, after.is_unique) {
            (false, true) => self.tell(way.narrower(), "no two items may be the same now".to_owned()),
            (true, false) => self.tell(way.wider(), "items may be the same now".to_owned()),
            _ => {}
        }
    }

    /// Of two patterns nobody can say which one allows more.
    fn marks(&mut self, what: &str, old: &BTreeSet<String>, new: &BTreeSet<String>) {
        let way = self.comparison.way;
        let level = match (old.is_subset(new), new.is_subset(old)) {
            (true, true) => return,
            (true, false) => way.narrower(),
            (false, true) => way.wider(),
            (false, false) => Level::Breaking,
        };
        let shown = |set: &BTreeSet<String>| match set.len() {
            0 => "none".to_owned(),
            _ => set.iter().cloned().collect::<Vec<_>>().join(" and "),
        };
        self.tell(level, format!("{what} was {}, is {}", shown(old), shown(new)));
    }

    fn required(&mut self, before: &Form, after: &Form) {
        let way = self.comparison.way;
        let is_named = |form: &Form, name: &String| form.members.contains_key(name);
        for name in after.required.difference(&before.required) {
            // In an answer, a new member is told as new.
            if way == Way::Request || is_named(before, name) {
                let new = if is_named(before, name) { "" } else { "is new and " };
                self.tell(way.narrower(), format!("the member `{name}` {new}is required now"));
            }
        }
        for name in before.required.difference(&after.required).filter(|name| is_named(after, name)) {
            self.tell(way.wider(), format!("the member `{name}` is optional now"));
        }
    }

    /// Clients pass over members that they do not know; servers may refuse them.
    fn others(&mut self, before: &Form, after: &Form) {
        if self.comparison.way == Way::Request && before.is_closed != after.is_closed {
            let (level, message) = if after.is_closed {
                (Level::Breaking, "other members are rejected now")
            } else {
                (Level::Additive, "other members are allowed now")
            };
            self.tell(level, message.to_owned());
        }
    }
}
