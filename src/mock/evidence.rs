//! How we know what the mock does where the API's document is silent: one table.

/// How well a behaviour is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// The API's documentation says it in prose.
    Documented,
    /// The service was seen to do it, in a recording or in a published report.
    Observed,
    /// It follows from something else, or was chosen.
    Inferred,
}

/// Something that the mock does and the API's document does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behaviour {
    /// What it does, in one sentence.
    pub behaviour: &'static str,
    /// How well it is known.
    pub grade: Grade,
    /// From where.
    pub source: &'static str,
}

const fn row(grade: Grade, behaviour: &'static str, source: &'static str) -> Behaviour {
    Behaviour { behaviour, grade, source }
}

use Grade::{Documented, Inferred, Observed};

/// Every such behaviour.
#[rustfmt::skip]
pub static BEHAVIOURS: &[Behaviour] = &[
    row(Documented, "A missing, invalid or revoked key is refused with 401.", "Using API Keys"),
    row(Observed, "A refusal reads the same whatever its reason, with an empty code.", "Published answers to unauthenticated probes"),
    row(Inferred, "The key is looked at before the path, the parameters and the body.", "\"Any request\" in Using API Keys"),
    row(Inferred, "The scheme is compared without regard to case; more than one space may follow it.", "RFC 9110, section 11.1"),
    row(Inferred, "Cookies are ignored.", "Official clients send them beside the header"),
    row(Observed, "Tokens are `napi_` and 64 lower-case letters and digits; passwords `npg_` and 12 characters.", "Published patterns of secret scanners"),
    row(Observed, "Keys are listed newest first; one never used has no time and an empty address.", "Recorded answers"),
    row(Observed, "A revoked key leaves the list; revoking it again, or an unknown one, is 404.", "Published acceptance tests of clients"),
    row(Inferred, "Names of keys may repeat and be empty.", "The document sets no minimum and asks for no uniqueness"),
    row(Observed, "What an organization's key may not do is 404, and says so.", "Published reports"),
    row(Observed, "An account that works in organizations only must name one in lists of projects and for a new one; else 400.", "Published reports; another account did not have to"),
    row(Observed, "A key for one project answers 404 elsewhere, naming its project.", "Published reports"),
    row(Observed, "The cursor of a page of projects is its last id, also when nothing follows; an empty page has none.", "Recorded answers"),
    row(Observed, "The cursor of a page of operations is a time, to the microsecond; the newest stand first.", "Recorded answers"),
    row(Observed, "The order of a page of branches is told in capitals, whatever was asked.", "Recorded answers"),
    row(Observed, "`pooled` is taken in any case.", "Recorded request of a Python client"),
    row(Observed, "A new project has `main`, `neondb`, `neondb_owner`, one endpoint that writes, and two operations under way.", "Recorded answers"),
    row(Observed, "Consumption periods begin and end in the year 1, but in a read of the project.", "Recorded answers"),
    row(Observed, "A project can be removed and changed while operations are under way.", "Recorded requests"),
    row(Observed, "Other changes to a branch with operations under way are 423.", "Published tests of the official CLI"),
    row(Observed, "A second branch of a name, or a second endpoint that writes, is 409.", "Published counts of the errors users meet"),
    row(Observed, "A malformed body is 400, in the words of the service's decoder.", "Recorded answer"),
    row(Inferred, "The default branch, the last root and a branch with children refuse to be removed with 422.", "The document says that they refuse"),
    row(Inferred, "A role that owns a database refuses to be removed with 422.", "PostgreSQL"),
    row(Inferred, "Without a body, a branch is named by its id, comes from the default branch, and has no endpoint.", "The document makes the body optional"),
    row(Inferred, "A branch that was removed is recovered with its endpoints where its name is free and its parent there; else 409 or 404.", "The document says what comes back, not what stands in its way"),
    row(Inferred, "Snapshots and JWKS URLs are there, and gone, at once: no operation is begun for them.", "The document says that operations may be begun"),
    row(Inferred, "A restored branch that takes the place of the default branch becomes the default; it has no parent.", "\"Functions as the original branch it replaced\", in the document"),
    row(Inferred, "A second JWKS URL for the same branch is 409; one that is not https is 400.", "The document asks for https and is silent on repetition"),
    row(Documented, "Neon Auth is off on a branch until it is enabled; then a new branch of it starts with a copy, and has an address of its own.", "Branching authentication"),
    row(Inferred, "A restored branch, and one of a snapshot, have the Neon Auth of what they come from; one that is made of the schema only, without its users.", "\"Auth data lives in your database\" in Branching authentication"),
    row(Observed, "Enabling Neon Auth where it is enabled is 409.", "Published source of the official MCP server"),
    row(Documented, "The keys of Neon Auth are shown when it is enabled, and not again; disabling it keeps its data, unless they are to be deleted.", "Manage Neon Auth via the API"),
    row(Inferred, "Other keys for Neon Auth are new ones; nobody asks for them, or for earlier ones.", "The mock authenticates no users"),
    row(Inferred, "What is asked of the Neon Auth of a project is about its default branch; its integrations are listed for all branches.", "The document replaces these operations by those of a branch"),
    row(Inferred, "Another provider than the branch has is 404 where a body or a path names one.", "The document is silent"),
    row(Inferred, "A second user of an address, a second OAuth provider of an id, or a domain that is trusted already, is 409; an unknown user or OAuth provider is 404.", "The document is silent"),
    row(Observed, "Removing a domain that is not trusted is 200.", "Published source of the official MCP server"),
    row(Inferred, "An OAuth provider needs both `client_id` and `client_secret`, or neither: then it is shared.", "Published source of the official MCP server"),
    row(Documented, "Where nobody has set them, the settings of Neon Auth are as in the examples of the reference; a webhook must be https.", "API reference; Webhooks"),
    row(Inferred, "A test mail is not sent: the answer says that it was not.", "The mock has no network"),
    row(Inferred, "A project at a provider stays in transfer: nobody takes it over. Real databases get no schema `neon_auth`.", "The mock authenticates no users"),
    row(Inferred, "`expires_at` of a branch or a snapshot is kept and shown; nothing is removed when it has passed.", "Tests would lose what they look at"),
    row(Inferred, "A Data API is at the endpoint of its branch that writes, is ready at once, and is gone with its database. Nothing answers at its address.", "The document says what it is called, not where it runs"),
    row(Inferred, "What is set up for a branch is not copied to its children, unless the document says that they inherit it.", "Endpoints are not copied either"),
    row(Inferred, "A branch has an empty snapshot schedule at first. The mock keeps it, and takes no snapshot by itself.", "The document names no error for a branch without one"),
    row(Inferred, "VPC endpoints of organizations are in a listed region on AWS, and stay `new`: nothing connects. A project is restricted to those of its own region; else 422.", "The document says where they come from, not what stands in the way"),
    row(Inferred, "Removing a VPC endpoint ends the restrictions of projects to it; adding it again is 422.", "The document says that it cannot be added back"),
    row(Inferred, "Consumption is what endpoints were active, by the mock's clock; nothing is written, stored or sent. A span may end in the future; timeframes end with the one that has begun.", "The mock has no other counters"),
    row(Inferred, "A history of consumption has one period for each month. The first version lists projects newest first, as the second does.", "The document's examples"),
    row(Inferred, "A project goes to a plan that is no lower than the one it comes from, and to a free one with ten projects at the most; else 406.", "The document names the limits, not their values"),
    row(Inferred, "An offer of a project that was accepted, or has expired, is 404. Who is only shared a project cannot offer it: 403.", "The document says that requests expire"),
    row(Inferred, "A project that goes to another account loses its offers and its restrictions to VPC endpoints, and keeps all else.", "Both belong to the account"),
    row(Inferred, "Who is no administrator gets 403; the last one cannot be removed or given another role: 422.", "The document says that only administrators may"),
    row(Inferred, "An address that is invited or a member's cannot be invited: 409. No mail is sent.", "The document is silent on repetition"),
    row(Inferred, "Advisors find nothing: the mock does not look into databases. Without a Data API they are 422.", "The document requires the Data API"),
    row(Inferred, "Before there has been a bucket, a credential or a function on a branch, the feature is off there; afterwards lists may be empty.", "Official clients probe for them and go on"),
    row(Inferred, "No object store is behind buckets: they have no objects, and no address for one is given: 404.", "The document offers no other error"),
    row(Inferred, "A branch has storage once there has been a bucket, and an AI gateway while a credential for it is in force.", "The document says that they are enabled, not how"),
    row(Inferred, "A branch begins with the buckets and functions that its parent has.", "The document says that they are inherited"),
    row(Inferred, "A credential that was revoked stays in the list, with the time.", "The document has a member for it"),
    row(Inferred, "A function is built at once, has 512 MiB, and never runs. Its code is not looked at.", "The document says what is shown, not how much"),
    row(Inferred, "A branch that is to be anonymized goes through the documented states; no data are masked, and with real data it is 422.", "The mock does not look into databases"),
    row(Observed, "Features that are off answer 404.", "Official clients probe for them and go on"),
    row(Inferred, "Operations that the mock does not perform answer 501.", "RFC 9110, section 15.6.2"),
    row(Observed, "Every answer has the header X-Neon-Ret-Request-Id.", "Recorded answers"),
    row(Documented, "X-Request-ID of a request is the request id of an error.", "The document's description of errors"),
    row(Inferred, "Operations finish by the next request, unless another clock is asked for.", "For tests that do not want to wait"),
    row(Inferred, "An address belongs to one user: a second user of a fixture gets a number in theirs.", "So that sharing by address never mixes accounts"),
];

impl std::fmt::Display for Grade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Documented => "documented",
            Observed => "observed",
            Inferred => "inferred",
        })
    }
}

/// What the mock does, in Markdown: behaviours with their evidence, and the support matrix.
#[must_use]
pub fn manual() -> String {
    let behaviours: String = BEHAVIOURS
        .iter()
        .map(|row| format!("| {} | {} | {} |\n", row.behaviour, row.grade, row.source))
        .collect();
    let matrix: String = super::support()
        .map(|row| format!("| `{}` | `{} {}` | {} |\n", row.operation, row.method, row.path, row.support))
        .collect();
    format!(
        "# What the mock does\n\n\
         Generated by `neon-contract mock --matrix`; a test keeps it up to date.\n\n\
         ## Where the API's document is silent\n\n\
         | behaviour | evidence | source |\n|---|---|---|\n{behaviours}\n\
         ## Operations\n\n\
         *Performed*: with all its effects. *Bare*: nothing is behind it, and nothing is found, 404. *Lacking*: authenticated, then 501.\n\n\
         | operation | request | support |\n|---|---|---|\n{matrix}"
    )
}
