//! What a walk has made so far, as the contract says it must be.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::action::{Kind, Recovery, State};

/// Something that a walk has made.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    /// Its name in the walk: `b3` is the branch that the third step makes.
    pub(super) key: String,
    pub(super) kind: Kind,
    /// The key of what it is in.
    pub(super) within: Option<String>,
    /// Its values, which may be templates.
    pub(super) has: BTreeMap<String, Value>,
    pub(super) state: State,
    /// What it was before what it is in was removed.
    pub(super) was: State,
    /// The roles and databases that it keeps for others.
    pub(super) kept: Vec<Thing>,
}

/// All that a walk has made.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) things: Vec<Thing>,
}

impl Model {
    pub(super) fn get(&self, key: &str) -> Option<&Thing> {
        self.things.iter().find(|thing| thing.key == key)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Thing> {
        self.things.iter_mut().find(|thing| thing.key == key)
    }

    /// The thing itself or the one of a kind that it is in.
    pub(super) fn holder<'m>(&'m self, thing: &'m Thing, kind: Kind) -> Option<&'m Thing> {
        let mut at = thing;
        while at.kind != kind {
            at = self.get(at.within.as_deref()?)?;
        }
        Some(at)
    }

    /// Whether a thing is in another, at any depth.
    pub(super) fn is_in(&self, thing: &Thing, key: &str) -> bool {
        let mut at = thing.within.as_deref();
        while let Some(within) = at {
            if within == key {
                return true;
            }
            at = self.get(within).and_then(|holder| holder.within.as_deref());
        }
        false
    }

    /// A value of a thing; none, where it is not known.
    pub(super) fn value(&self, thing: &Thing, name: &str) -> Option<Value> {
        let has_one = |is_one: &dyn Fn(&Thing) -> bool| self.things.iter().any(is_one);
        match name {
            "key" => Some(json!(thing.key)),
            "id" => thing.has.get("id").or_else(|| thing.has.get("name")).cloned(),
            "childless" => {
                let is_child = |other: &Thing| {
                    matches!(other.state, State::There | State::Recovered)
                        && other.kind == Kind::Branch
                        && other.has.get("parent") == Some(&json!(thing.key))
                };
                Some(json!(!has_one(&is_child)))
            }
            "owns" => {
                let is_owned = |other: &Thing| {
                    other.state == State::There
                        && other.within == thing.within
                        && other.has.get("owner_name") == thing.has.get("name")
                };
                Some(json!(has_one(&is_owned)))
            }
            "bare" => {
                let is_database = |other: &Thing| {
                    other.kind == Kind::Database
                        && other.state == State::There
                        && other.within.as_deref() == Some(&*thing.key)
                };
                Some(json!(!has_one(&is_database)))
            }
            "free" => {
                let has_name = |other: &Thing| {
                    matches!(other.state, State::There | State::Recovered)
                        && other.kind == thing.kind
                        && other.within == thing.within
                        && other.has.get("name") == thing.has.get("name")
                };
                Some(json!(!has_one(&has_name)))
            }
            "writes" if thing.has.get("writes") == Some(&json!(false)) => {
                let is_writer = |other: &Thing| {
                    other.kind == Kind::Endpoint
                        && other.state == State::There
                        && other.within.as_deref() == Some(&*thing.key)
                };
                Some(json!(has_one(&is_writer)))
            }
            name => thing.has.get(name).filter(|value| !value.is_null()).cloned(),
        }
    }

    /// The roles and databases on a branch, or those that a snapshot keeps.
    pub(super) fn contents(&self, key: &str) -> Vec<Thing> {
        let Some(holder) = self.get(key).filter(|holder| holder.kind != Kind::Snapshot) else {
            return self.get(key).map(|holder| holder.kept.clone()).unwrap_or_default();
        };
        let is_content = |thing: &&Thing| {
            matches!(thing.kind, Kind::Role | Kind::Database)
                && thing.state == State::There
                && thing.within.as_deref() == Some(&*holder.key)
        };
        self.things.iter().filter(is_content).cloned().collect()
    }

    /// Puts copies of roles and databases on a branch. Whether a copied role has the same password is not said anywhere.
    pub(super) fn copy(&mut self, contents: Vec<Thing>, branch: &str) {
        for mut thing in contents {
            thing.key = format!("{branch}_{}", thing.key.rsplit('_').next().unwrap_or_default());
            thing.within = Some(branch.to_owned());
            thing.has.remove("password");
            self.things.push(thing);
        }
    }

    /// Removes a thing, with all that is in it.
    pub(super) fn remove(&mut self, key: &str) {
        let lost: Vec<String> = self
            .things
            .iter()
            .filter(|thing| self.is_in(thing, key))
            .map(|thing| thing.key.clone())
            .collect();
        for thing in &mut self.things {
            if lost.contains(&thing.key) && thing.state != State::Lost {
                thing.was = std::mem::replace(&mut thing.state, State::Lost);
            } else if thing.key == key {
                thing.state = State::Gone;
            }
        }
    }

    /// Brings a thing back. Of what is in it, only what is promised is spoken of afterwards.
    pub(super) fn recover(&mut self, key: &str, recovery: &Recovery) {
        let within: Vec<String> = self
            .things
            .iter()
            .filter(|thing| self.is_in(thing, key))
            .map(|thing| thing.key.clone())
            .collect();
        self.things.retain(|thing| {
            !within.contains(&thing.key)
                || (recovery.keeps.contains(&thing.kind) && thing.was == State::There)
        });
        for thing in &mut self.things {
            if within.contains(&thing.key) {
                thing.state = State::There;
                // Which endpoints it has is not known any more.
                thing.has.remove("writes");
            } else if thing.key == key {
                thing.state = if recovery.unsure { State::Recovered } else { State::There };
            }
        }
    }

    /// Gives a branch the roles and databases of another in place of its own.
    pub(super) fn restore(&mut self, branch: &str, source: &str) {
        let contents = self.contents(source);
        let is_content = |thing: &Thing| {
            matches!(thing.kind, Kind::Role | Kind::Database) && thing.within.as_deref() == Some(branch)
        };
        let (own, rest) = std::mem::take(&mut self.things).into_iter().partition(is_content);
        self.things = rest;
        let names: Vec<(Kind, Option<Value>)> =
            contents.iter().map(|thing| (thing.kind, thing.has.get("name").cloned())).collect();
        let own: Vec<Thing> = own;
        // What it had and its source does not have is gone.
        for mut thing in own {
            if thing.state == State::There && !names.contains(&(thing.kind, thing.has.get("name").cloned())) {
                thing.state = State::Gone;
                self.things.push(thing);
            }
        }
        for mut thing in contents {
            thing.key = format!("{branch}_{}_{}", source, thing.key.rsplit('_').next().unwrap_or_default());
            thing.within = Some(branch.to_owned());
            thing.has.remove("password");
            self.things.retain(|other| other.key != thing.key);
            self.things.push(thing);
        }
    }
}
