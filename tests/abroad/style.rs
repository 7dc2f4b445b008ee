//! What an endpoint may choose: each choice is a switch with its source, and a style is a set of them.

/// Declares the switches and the table of their sources at once.
macro_rules! switches {
    ($($name:ident: $source:literal,)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Switch { $($name),+ }

        /// Every switch, and why it is legitimate.
        pub(crate) const SWITCHES: &[(Switch, &str)] = &[$((Switch::$name, $source)),+];
    };
}

switches! {
    CloseAfterEach: "RFC 9112 9.6: a server may close after any response, and says so",
    CloseIdle: "RFC 9112 9.5: a server may close an idle connection at any time",
    Chunked: "RFC 9112 7.1: chunks of any size, with extensions",
    UpperHeaders: "RFC 9110 5.1: field names are case-insensitive",
    LowerHeaders: "RFC 9110 5.1: field names are case-insensitive",
    MediaTypeSpelled: "RFC 9110 8.3.1: types are case-insensitive, parameters may be quoted",
    ManyHeaders: "RFC 9110 5.4: no limit to the number of field lines",
    ExtraHeaders: "RFC 9110 5.1: unknown fields are ignored",
    Gzip: "RFC 9110 8.4.1: gzip, where it is accepted",
    GzipMembers: "RFC 1952 2.2: several members; RFC 9110 8.4.1.3: x-gzip is gzip, in any case",
    TypeOnNoContent: "RFC 9110 15.3.5: 204 may have representation metadata",
    NoReason: "RFC 9112 4: the reason phrase may be empty",
    SlowAnswers: "RFC 9110: no time limit for an answer",
    PrettyJson: "RFC 8259 2: insignificant white space",
    EscapedText: "RFC 8259 7: any character may be escaped",
    NumbersWithExponent: "RFC 8259 6: 2.5e-1 is 0.25; JSON Schema 2020-12 4.2.3: 1.0e1 is an integer",
    BigKeyIds: "OpenAPI: ApiKeyCreateResponse.id is int64",
    MembersReversed: "RFC 8259 4: members are unordered",
    ExtraMembers: "OpenAPI: additionalProperties is never false",
    TrailingLine: "RFC 8259 2: white space after the value",
    UuidIds: "OpenAPI: ids match ^[a-z0-9-]{1,60}$",
    LongIds: "OpenAPI: ids have up to 60 characters",
    OtherTokens: "OpenAPI: ApiKeyCreateResponse.key is a string of no given form",
    OldestFirst: "OpenAPI: no order of projects, branches or keys without sort_by",
    OpaqueCursors: "OpenAPI: a cursor is a string",
    LongCursors: "OpenAPI: a cursor has no greatest length",
    ShortPages: "OpenAPI, listProjects: limit is the maximum number of items, and pagination says whether more remain",
    CursorOnLastPage: "OpenAPI: pagination may be there although nothing remains",
    OptionalLeftOut: "OpenAPI: what is not in `required` may be missing",
    LastUseAbsent: "OpenAPI: last_used_at is not required",
    LastUseNever: "OpenAPI: last_used_at is nullable, and nothing says when it is told",
    NoConnectionUris: "OpenAPI: connection_uris of a new branch is optional",
    TimesWithFractions: "RFC 3339 5.6: time-secfrac",
    TimesWithOffset: "RFC 3339 4.2: +00:00 is UTC",
    TimesSpelledAnew: "RFC 3339 5.6: an instant has many spellings, and no answer must keep that of another",
    ListsUnordered: "OpenAPI: no order of roles, databases, endpoints or addresses",
    ClockAhead: "RFC 9110 6.6.1: clocks differ",
    ClockBehind: "RFC 9110 6.6.1: clocks differ",
    OtherErrors: "OpenAPI: GeneralError.message and code are strings",
    ProblemErrors: "RFC 9457 3: errors are application/problem+json, where the contract of the endpoint says so",
    NoRequestId: "OpenAPI: GeneralError.request_id is optional",
    Invalid422: "OpenAPI: no status documented for what is malformed; RFC 9110 15.5.21",
    Denied403: "RFC 9110 15.5.4: a server may refuse what it does not hide",
    Gone404: "facts: removing what is gone is 204 by the document, 404 as observed",
    RefusalsDiffer: "OpenAPI: GeneralError.message of 401 is free; RFC 9110 15.5.2",
    Challenge: "RFC 9110 11.6.1: 401 comes with WWW-Authenticate",
    UnknownQueryRefused: "OpenAPI: nothing says that unknown parameters are ignored",
    LowerSchemeRefused: "facts 1: the documented form is `Bearer`",
    SlowWork: "OpenAPI: operations end when they end",
    BackgroundWork: "OpenAPI: OperationStatus, of work that others began",
    Locked: "OpenAPI: 423, retry-safe",
    RateLimited: "RFC 6585 4: 429 with Retry-After",
    Unavailable: "RFC 9110 15.6.4: 503 with Retry-After",
    BusyAccount: "OpenAPI: others of the account make and remove projects and keys",
    LargeAccount: "facts 2: no limit to projects of an account",
    PlanLimit: "facts 5: 422 PROJECTS_LIMIT_EXCEEDED",
    RemovedShownInV1: "seed: v1 has the member `deleted`",
    JwksFetched: "OpenAPI: the URL must return a set of keys",
    RemovedLater: "OpenAPI, deleteProjectBranch and deleteProjectEndpoint: the deletion completes when its operations finish",
    ProtectedRole: "OpenAPI, CreatedProject and Role: roles of the system, protected and without a password, may be there as well",
    RefreshedTwice: "OpenAPI: an operation of a restore may be about the kept branch",
}

pub(crate) struct Style {
    pub(crate) name: &'static str,
    pub(crate) switches: &'static [Switch],
}

impl Style {
    pub(crate) fn has(&self, switch: Switch) -> bool {
        self.switches.contains(&switch)
    }
}

/// Styles: what one server might be like as a whole.
pub(crate) const STYLES: [Style; 8] = [
    Style { name: "plain", switches: &[] },
    Style {
        name: "behind a proxy",
        switches: &[
            Switch::Chunked,
            Switch::LowerHeaders,
            Switch::ExtraHeaders,
            Switch::Gzip,
            Switch::CloseIdle,
            Switch::SlowAnswers,
        ],
    },
    Style {
        name: "of another language",
        switches: &[
            Switch::MembersReversed,
            Switch::PrettyJson,
            Switch::EscapedText,
            Switch::UuidIds,
            Switch::OtherTokens,
            Switch::OldestFirst,
            Switch::MediaTypeSpelled,
            Switch::OtherErrors,
            Switch::Invalid422,
            Switch::OpaqueCursors,
            Switch::ShortPages,
        ],
    },
    Style {
        name: "as little as may be",
        switches: &[
            Switch::OptionalLeftOut,
            Switch::LastUseAbsent,
            Switch::NoConnectionUris,
            Switch::NoRequestId,
            Switch::NoReason,
            Switch::CloseAfterEach,
            Switch::Gone404,
            Switch::LowerSchemeRefused,
            Switch::UnknownQueryRefused,
        ],
    },
    Style {
        name: "as much as may be",
        switches: &[
            Switch::ExtraMembers,
            Switch::ProtectedRole,
            Switch::TrailingLine,
            Switch::LongIds,
            Switch::LongCursors,
            Switch::CursorOnLastPage,
            Switch::BigKeyIds,
            Switch::Challenge,
            Switch::RefusalsDiffer,
            Switch::UpperHeaders,
            Switch::TimesWithFractions,
            Switch::TimesWithOffset,
            Switch::TypeOnNoContent,
        ],
    },
    Style {
        name: "much used",
        switches: &[
            Switch::BusyAccount,
            Switch::LargeAccount,
            Switch::OldestFirst,
            Switch::BackgroundWork,
            Switch::LastUseNever,
            Switch::ClockAhead,
        ],
    },
    Style {
        name: "under load",
        switches: &[
            Switch::SlowWork,
            Switch::Locked,
            Switch::RateLimited,
            Switch::Unavailable,
            Switch::ClockBehind,
        ],
    },
    Style {
        name: "strict",
        switches: &[
            Switch::JwksFetched,
            Switch::RemovedLater,
            Switch::Denied403,
            Switch::RemovedShownInV1,
            Switch::RefreshedTwice,
            Switch::TimesSpelledAnew,
            Switch::ListsUnordered,
            Switch::NumbersWithExponent,
            Switch::PlanLimit,
        ],
    },
];
