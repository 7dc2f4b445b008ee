//! Faults as data: what a row of the catalogue says, and what can be done at each point.

use axum::http::Method;

use crate::mock::handlers::{Answer, Call};
use crate::mock::model::State;

/// A row of the catalogue.
pub(super) struct Entry {
    pub(super) id: &'static str,
    pub(super) class: Class,
    pub(super) severity: Severity,
    /// The requirement it breaks.
    pub(super) breaks: &'static str,
    /// What it does, in one sentence.
    pub(super) summary: &'static str,
    pub(super) on: On,
    pub(super) how: Break,
}

/// What kind of rule a fault breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Who is let in.
    Auth,
    /// How keys come and go.
    KeyLife,
    /// What a request does, and what a refused one does not.
    Effect,
    /// What must not be shown.
    Leak,
    /// The status of an answer.
    Status,
    /// The form of an answer.
    Schema,
    /// The values in an answer.
    Value,
    /// What is true of an account over several answers.
    State,
    /// Lists in parts.
    Paging,
    /// The first version of the API.
    V1,
    /// The form of an error.
    ErrorShape,
    /// The headers of an answer.
    Headers,
    /// The bytes on the wire.
    Robustness,
}

/// How bad it would be if nobody noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A `should` is broken: there may be reasons.
    Advice,
    /// A client would hardly mind.
    Minor,
    /// A client would go wrong.
    Major,
    /// An account would be open, or lose something.
    Critical,
}

/// The requests that a fault concerns.
#[derive(Debug, Clone, Copy)]
pub(super) enum On {
    /// Every request to the API, also to what is no operation.
    Every,
    /// All that only read.
    Reads,
    /// All that may change something.
    Writes,
    /// All of the first version.
    V1,
    /// These operations.
    Of(&'static [&'static str]),
    /// All operations but these.
    But(&'static [&'static str]),
}

/// Where a fault acts, and what it does there.
pub(super) enum Break {
    Admission(Admission),
    Refused(Refused),
    Looks(Look),
    Change(Change),
    Effect(Effect),
    /// At a place in the body of some answers.
    Answer(When, &'static str, Alter),
    Later(Later),
    Status(When, u16),
    /// A success sends the client elsewhere.
    Redirect(&'static str),
    /// A header is another one, or missing.
    Header(When, &'static str, Option<&'static str>),
    Wire(When, Spoil),
    /// 204 comes with a body.
    BodyIn204,
}

impl On {
    pub(super) fn takes(self, operation: &str, method: &Method) -> bool {
        match self {
            Self::Every => true,
            Self::Reads => !operation.is_empty() && method.is_safe(),
            Self::Writes => !operation.is_empty() && !method.is_safe(),
            Self::V1 => operation.starts_with("v1"),
            Self::Of(operations) => operations.contains(&operation),
            Self::But(operations) => !operation.is_empty() && !operations.contains(&operation),
        }
    }
}

impl Class {
    /// Its name in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::KeyLife => "key life cycle",
            Self::Effect => "effect",
            Self::Leak => "leak",
            Self::Status => "status",
            Self::Schema => "schema",
            Self::Value => "value",
            Self::State => "state",
            Self::Paging => "paging",
            Self::V1 => "v1",
            Self::ErrorShape => "error shape",
            Self::Headers => "headers",
            Self::Robustness => "robustness",
        }
    }
}

impl Severity {
    /// Its name in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Advice => "advice",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }
}

/// What is wrong with who is let in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Admission {
    /// Someone who must be refused is let in.
    LetsIn(Who),
    /// Someone is refused, and what was asked for is done all the same.
    Secretly(Who),
    /// A revoked key is let in for this many milliseconds.
    For(i64),
    /// A revoked key is let in this many times more.
    Times(u32),
    /// A key that works is refused after this many uses.
    WearsOut(u32),
    /// A key that works is refused where a user has made it through the API.
    Made,
    /// A token that is like one opens what that one opens.
    Near(Near),
    /// A key is taken from where it must not stand.
    From(Elsewhere),
    /// The scheme must be written in one way.
    ExactScheme,
    /// What is another user's is reached.
    AsOwner,
}

/// Who must be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// There is no header.
    Missing,
    /// The header has any wrong form.
    Malformed,
    /// A good token stands there without a scheme.
    NoScheme,
    /// A good token stands behind `Basic`.
    Basic,
    /// Nothing stands behind `Bearer`.
    Nothing,
    /// The key was never issued.
    Unknown,
    /// The key was revoked.
    Revoked,
    /// The key has revoked itself.
    RevokedItself,
    /// Any of them.
    Anyone,
}

/// How a token is like another.
#[derive(Debug, Clone, Copy)]
pub(super) enum Near {
    Shorter,
    Longer,
    OtherCase,
}

/// Where a key must not be looked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Elsewhere {
    Query,
    Header,
    Scheme,
}

/// What a refusal tells or is, where it must not.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refused {
    /// It has another status.
    Status(Who, u16),
    /// It has a message of its own.
    Says(Who, &'static str),
    /// It names the user whose key it was.
    NamesUser(Who),
    /// It repeats the token.
    Repeats(Who),
}

/// What is looked at before it is known who asks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Look {
    /// Whether there is such a project.
    Project,
    /// Whether the body is JSON.
    Body,
    /// Whether the query can be read.
    Query,
    /// Whether there is a query at all.
    AnyQuery,
}

/// What an operation sees otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    /// A query parameter is overlooked.
    WithoutQuery(&'static str),
    /// A query parameter has this value.
    Query(&'static str, &'static str),
    /// A member of the body, by its JSON Pointer, is overlooked.
    WithoutMember(&'static str),
    /// A member of the body has this value, in JSON.
    Member(&'static str, &'static str),
    /// A member that the body lacks has this value.
    Lacking(&'static str, &'static str),
    /// A text in the body lacks the letters that are not ASCII.
    Ascii(&'static str),
    /// A query parameter that is not sent has this value.
    Unsent(&'static str, &'static str),
    /// Another project of the account is meant.
    OtherProject,
    /// A part of another project of the account is found under any.
    AnyParent,
    /// A role or a database is found under any branch of its project.
    AnyBranch,
}

/// What is wrong with what was done.
#[derive(Clone, Copy)]
pub(super) enum Effect {
    /// The answer tells that it was done, and it was not.
    NotDone,
    /// It was done, and the answer is an error.
    DoneAndFails(u16),
    /// Where the operation would refuse with this status, it does something near it instead.
    Forgives(u16, Instead),
    /// Something else is done as well, where there is anything to do.
    Also(fn(&Call<'_>, &Answer, &mut State) -> Option<()>),
}

/// What is done instead of what was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Instead {
    /// What this body, in JSON, asks for.
    Body(&'static str),
    /// The same without the query.
    WithoutQuery,
    /// The same with another text at this JSON Pointer, made of the one that stands there.
    Text(&'static str, fn(&str) -> String),
}

/// Which answers are meant.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    Always,
    /// A success.
    Ok,
    /// An error.
    Fails,
    /// This status.
    Is(u16),
    /// A success of a request with this query parameter.
    With(&'static str),
    /// A success of a request with any query.
    WithAny,
    /// 404 to a request whose path ends so.
    FailsAt(&'static str),
}

/// What becomes of a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Alter {
    /// It is missing.
    Without,
    /// It is this, in JSON.
    Is(&'static str),
    /// It is a text, where it was a number or a boolean.
    Text,
    /// It stands in a list of its own.
    Listed,
    /// It is the text of its JSON.
    InText,
    /// A list has its first item once more, at the end.
    Twice,
    /// A list lacks its first item.
    LosesFirst,
    /// A list lacks its last item.
    LosesLast,
    /// A list begins with the item that the last one of the account ended with.
    Repeats,
    /// A list is the other way round.
    Reversed,
    /// A list that is empty is null.
    NullIfEmpty,
    /// A list has all that it has ever had.
    Remembers,
    /// A text has a space behind it.
    Padded,
    /// A time has whole seconds.
    Seconds,
    /// A time does not tell its zone.
    Zoneless,
    /// It is another value of its type.
    Other,
    /// It is what stands at another place of the body.
    From(&'static str),
    /// It is what it was when it was first seen beside the same id.
    AsFirstSeen,
    /// It is the token that the request was sent with.
    Token,
}

/// What shows only after another request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Later {
    /// What these operations have made (its id or name, by its JSON Pointer) is missing in a list.
    Unlisted { by: &'static [&'static str], id: &'static str, list: &'static str },
    /// What these operations have removed (as they show it) is in a list.
    Listed { by: &'static [&'static str], item: &'static str, list: &'static str },
    /// What these operations have removed (as they show it) can be read, under this name.
    Readable { by: &'static [&'static str], item: &'static str, under: &'static str },
    /// A member that these operations have shown once is shown in a list.
    Shown { by: &'static [&'static str], member: &'static str, list: &'static str },
    /// What these operations have shown (by its JSON Pointer) is shown again, at another place.
    Again { by: &'static [&'static str], item: &'static str, at: &'static str },
}

/// What becomes of the bytes of a body.
#[derive(Debug, Clone, Copy)]
pub(super) enum Spoil {
    /// They break off in the middle.
    Truncated,
    /// The header says that there are more of them than there are.
    DeclaredLonger,
    /// The last one is missing, and the header says so: what it declares is too little.
    CutShort,
    /// The object that they are has its members twice.
    RepeatedNames,
    /// There are none.
    Nothing,
    /// They are not UTF-8.
    NotUtf8,
    /// They are said to be packed, and are not.
    SaidToBePacked,
    /// A web page.
    Html,
    /// More stands behind the JSON.
    Trailed,
    /// A number is none that JSON has.
    NotANumber,
    /// They are packed in an envelope that nobody has asked for.
    Callback,
}
