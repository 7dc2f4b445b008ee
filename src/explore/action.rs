//! What a walk can do: actions, read from the tables in `actions/`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::spec::Document;

/// The tables, each with the name of its file.
const TABLES: [(&str, &str); 5] = [
    ("projects.yaml", include_str!("actions/projects.yaml")),
    ("branches.yaml", include_str!("actions/branches.yaml")),
    ("roles.yaml", include_str!("actions/roles.yaml")),
    ("access.yaml", include_str!("actions/access.yaml")),
    ("snapshots.yaml", include_str!("actions/snapshots.yaml")),
];

/// All actions, in the order of the tables.
pub(super) static ACTIONS: LazyLock<Vec<Action>> = LazyLock::new(|| {
    let read = |(name, text): (&str, &str)| -> Vec<Action> {
        let document = Document::parse(Path::new(name), text.as_bytes()).expect("a table is YAML");
        serde_json::from_value(document.value().clone()).expect("a table holds actions")
    };
    TABLES.into_iter().flat_map(read).collect()
});

/// A kind of thing that a walk makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// What everything is in.
    Account,
    Project,
    Branch,
    Endpoint,
    Role,
    Database,
    Key,
    Permission,
    Snapshot,
}

impl Kind {
    /// What the names of its things begin with.
    pub(super) fn letter(self) -> &'static str {
        match self {
            Self::Account => "a",
            Self::Project => "p",
            Self::Branch => "b",
            Self::Endpoint => "e",
            Self::Role => "r",
            Self::Database => "d",
            Self::Key => "k",
            Self::Permission => "g",
            Self::Snapshot => "s",
        }
    }

    pub(super) fn of_word(word: &str) -> Option<Self> {
        serde_json::from_value(word.into()).ok()
    }
}

/// What has become of a thing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// It was made.
    #[default]
    There,
    /// It was removed.
    Gone,
    /// It was removed and recovered, which no `must` promises.
    Recovered,
    /// What it is in was removed.
    Lost,
}

/// One action. In its texts `<it>` is the id of what it acts on, `<it.name>` a value of it, `<project>` the id of the project that it
/// is in, `<other>` the second thing, `<new>` the key of what is made, and `<step>` a word of the step's own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Action {
    /// What it does.
    pub(super) name: String,
    /// The kind of thing that it acts on; none, where it acts on the account.
    #[serde(default)]
    pub(super) on: Option<Kind>,
    /// What must have become of that.
    #[serde(default)]
    pub(super) state: State,
    /// What its values must be: a value, or one of a list.
    #[serde(default)]
    pub(super) when: BTreeMap<String, Value>,
    /// A second thing that it needs.
    #[serde(default)]
    pub(super) other: Option<Other>,
    /// How often it is chosen, relative to others.
    #[serde(default = "usual_weight")]
    pub(super) weight: u32,
    /// The operation.
    pub(super) operation: String,
    /// The keys of the step of a case.
    pub(super) step: Map<String, Value>,
    /// What it makes.
    #[serde(default)]
    pub(super) makes: Option<Makes>,
    /// The values that the thing has afterwards.
    #[serde(default)]
    pub(super) sets: BTreeMap<String, Value>,
    /// A value that becomes `false` for all others of the kind in the same place.
    #[serde(default)]
    pub(super) unsets: Option<String>,
    /// The thing is gone afterwards.
    #[serde(default)]
    pub(super) removes: bool,
    /// The thing is back afterwards.
    #[serde(default)]
    pub(super) recovers: Option<Recovery>,
    /// The thing has what the second one has afterwards.
    #[serde(default)]
    pub(super) restores: bool,
    /// Where the response shows which value of the thing.
    #[serde(default)]
    pub(super) shows: BTreeMap<String, String>,
    /// What the response lists.
    #[serde(default)]
    pub(super) lists: Option<Lists>,
    /// The requirements that it proves.
    pub(super) proves: Vec<String>,
}

/// A second thing: of a kind, and in the same place as the first.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Other {
    pub(super) kind: Kind,
    #[serde(default)]
    pub(super) state: State,
    /// Both are in the same one of this kind.
    #[serde(default)]
    pub(super) inside: Option<Kind>,
}

/// What an action makes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Makes {
    pub(super) kind: Kind,
    /// Where the response shows its id; without, its name is its id.
    #[serde(default)]
    pub(super) id: Option<String>,
    /// What it is in, if that is not what is acted on: the one of this kind that that is in.
    #[serde(default)]
    pub(super) inside: Option<Kind>,
    /// The maximum number in one place.
    #[serde(default = "usual_most")]
    pub(super) at_most: usize,
    /// What it has.
    #[serde(default)]
    pub(super) has: BTreeMap<String, Value>,
    /// The request that takes it back.
    #[serde(default)]
    pub(super) undo: Option<Value>,
    /// What is made in it, by the end of its key.
    #[serde(default)]
    pub(super) with: BTreeMap<String, Part>,
    /// It has the roles and databases of the second thing, or of what is acted on where there is none.
    #[serde(default)]
    pub(super) copies: bool,
    /// It keeps the roles and databases of what is acted on, for others to have.
    #[serde(default)]
    pub(super) keeps: bool,
    /// What is acted on is not spoken of any more: its name or its permission is another's.
    #[serde(default)]
    pub(super) replaces: bool,
}

/// What is made in something new.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub(super) kind: Kind,
    pub(super) id: String,
    #[serde(default)]
    pub(super) has: BTreeMap<String, Value>,
}

/// What comes back with a thing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recovery {
    /// These kinds, as far as they were there before.
    pub(super) keeps: Vec<Kind>,
    /// No `must` promises it.
    #[serde(default)]
    pub(super) unsure: bool,
}

/// What a response lists.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lists {
    pub(super) kind: Kind,
    /// A path to the item with the id `<id>`.
    pub(super) item: String,
    /// A path that finds nothing when that is gone, if it is another.
    #[serde(default)]
    pub(super) gone: Option<String>,
    /// Which member of an item shows which value.
    #[serde(default)]
    pub(super) shows: BTreeMap<String, String>,
    /// What is elsewhere in the project, by a name that nothing here has, is not listed.
    #[serde(default)]
    pub(super) own: bool,
    /// What is gone may be listed for a while.
    #[serde(default)]
    pub(super) waits: bool,
}

fn usual_weight() -> u32 {
    4
}

fn usual_most() -> usize {
    2
}
