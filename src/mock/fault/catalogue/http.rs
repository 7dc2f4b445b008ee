//! The form of errors, headers, and the bytes of answers.

use super::super::data::Alter::{InText, Is, Other, Without};
use super::super::data::Spoil::{
    Callback, CutShort, DeclaredLonger, Html, NotANumber, NotUtf8, Nothing, RepeatedNames, SaidToBePacked,
    Trailed, Truncated,
};
use super::super::data::When::{Always, Fails, Is as Only, Ok};
use super::Break::{Answer, BodyIn204, Header, Redirect, Status, Wire};
use super::Class::{ErrorShape, Headers, Robustness, Status as Code};
use super::Entry;
use super::On::{But, Every, Of, Reads, V1, Writes};
use super::Severity::{Advice, Critical, Major, Minor};
use super::row;

#[rustfmt::skip]
pub(super) const FAULTS: &[Entry] = &[
    // Errors
    row(("error-as-html", ErrorShape, Major), "ERR-SHAPE", Every, Wire(Fails, Html), "errors are HTML pages"),
    row(("missing-object-as-html", ErrorShape, Major), "ERR-SHAPE", Every, Wire(Only(404), Html), "404 is an HTML page"),
    row(("refusal-as-html", ErrorShape, Major), "AUTH-ERROR-SHAPE", Every, Wire(Only(401), Html), "401 is an HTML page"),
    row(("refusal-as-html-in-one-place", ErrorShape, Major), "AUTH-ERROR-SHAPE", Of(&["getProjectAdvisorSecurityIssues"]), Wire(Only(401), Html), "one operation refuses with an HTML page"),
    row(("error-without-code", ErrorShape, Major), "ERR-SHAPE", Every, Answer(Fails, "/code", Without), "errors have no code"),
    row(("refusal-without-code", ErrorShape, Major), "AUTH-ERROR-SHAPE", Every, Answer(Only(401), "/code", Without), "refusals have no code"),
    row(("error-without-message", ErrorShape, Major), "ERR-SHAPE", Every, Answer(Fails, "/message", Without), "errors have no message"),
    row(("bad-request-without-message", ErrorShape, Major), "ERR-SHAPE", Every, Answer(Only(400), "/message", Without), "errors of 400 have no message"),
    row(("error-message-null", ErrorShape, Major), "ERR-SHAPE", Every, Answer(Fails, "/message", Is("null")), "the message of an error is null"),
    row(("error-code-as-number", ErrorShape, Major), "ERR-SHAPE", Every, Answer(Fails, "/code", Is("7")), "the code of an error is a number"),
    row(("error-in-v1-differs", ErrorShape, Major), "ERR-SHAPE", V1, Answer(Fails, "", Is(r#"{"error": "no"}"#)), "errors of v1 have another form"),
    row(("error-in-a-list", ErrorShape, Major), "ERR-SHAPE", Every, Answer(Fails, "", Is(r#"[{"code": "", "message": "no"}]"#)), "errors stand in a list"),
    row(("error-is-empty", ErrorShape, Major), "ERR-SHAPE", Every, Wire(Fails, Nothing), "errors have no body"),
    row(("request-id-differs", ErrorShape, Advice), "ERR-REQUEST-ID", Every, Answer(Fails, "/request_id", Other), "an error names another request id than its header"),
    row(("request-id-missing", Headers, Advice), "ERR-REQUEST-ID", Every, Header(Always, "x-neon-ret-request-id", None), "no answer bears a request id"),
    row(("request-id-missing-in-errors", Headers, Advice), "ERR-REQUEST-ID", Every, Header(Fails, "x-neon-ret-request-id", None), "no error bears a request id in its header"),
    // Headers
    row(("wrong-content-type", Headers, Major), "JSON", Every, Header(Always, "content-type", Some("text/plain")), "answers say they are text/plain"),
    row(("wrong-content-type-in-v1", Headers, Major), "JSON", V1, Header(Ok, "content-type", Some("text/html")), "answers of v1 say they are text/html"),
    row(("content-type-missing", Headers, Major), "JSON", Every, Header(Always, "content-type", None), "answers do not say what they are"),
    row(("error-content-type-is-text", Headers, Major), "ERR-SHAPE", Every, Header(Fails, "content-type", Some("text/plain")), "errors say they are text/plain"),
    row(("allow-missing", Headers, Advice), "HTTP-405", Every, Header(Only(405), "allow", None), "405 does not say which methods there are"),
    row(("method-not-found", Code, Advice), "HTTP-405", Every, Status(Only(405), 404), "a method that a path does not have is answered with 404"),
    row(("method-not-implemented", Code, Advice), "HTTP-405", Every, Status(Only(405), 500), "a method that a path does not have is answered with 500"),
    row(("unknown-path-is-200", Code, Major), "ERR-404", Of(&[""]), Status(Only(404), 200), "a path that does not exist is answered with 200"),
    row(("redirect", Headers, Major), "HTTP-NO-REDIRECT", Of(&["listProjects"]), Redirect("/api/v2/elsewhere"), "the list of projects redirects"),
    row(("redirect-to-another-host", Headers, Critical), "HTTP-NO-REDIRECT", Of(&["getProject"]), Redirect("http://127.0.0.2:9/elsewhere"), "reading a project redirects to another host"),
    row(("redirect-after-write", Headers, Major), "HTTP-NO-REDIRECT", Of(&["deleteProject"]), Redirect("/api/v2/projects"), "removing a project redirects to the list"),
    // Bytes
    row(("truncated-body", Robustness, Major), "HTTP-COMPLETE", Every, Wire(Always, Truncated), "answers break off before their end"),
    row(("truncated-error", Robustness, Major), "HTTP-COMPLETE", Every, Wire(Fails, Truncated), "errors break off before their end"),
    row(("body-shorter-than-declared", Robustness, Major), "HTTP-COMPLETE", Reads, Wire(Ok, DeclaredLonger), "answers are shorter than they say"),
    row(("body-longer-than-declared", Robustness, Major), "JSON", Reads, Wire(Ok, CutShort), "answers declare a byte less than they have, and end there"),
    row(("repeated-json-name", Robustness, Advice), "HTTP-JSON-UNIQUE", Every, Wire(Ok, RepeatedNames), "an answer has two members of the same name"),
    row(("repeated-json-name-in-errors", Robustness, Advice), "HTTP-JSON-UNIQUE", Every, Wire(Fails, RepeatedNames), "errors have two members of the same name"),
    row(("not-utf-8", Robustness, Major), "JSON", Of(&["listProjects"]), Wire(Ok, NotUtf8), "the list of projects is not UTF-8"),
    row(("said-to-be-gzip", Robustness, Major), "HTTP-COMPLETE", Of(&["getProject"]), Wire(Ok, SaidToBePacked), "an answer says it is packed, and is not"),
    row(("success-as-html", Robustness, Major), "JSON", Of(&["getCurrentUserInfo"]), Wire(Ok, Html), "a success is an HTML page"),
    row(("empty-success", Robustness, Major), "JSON", Of(&["listProjectBranches"]), Wire(Ok, Nothing), "a success has no body"),
    row(("json-trailed", Robustness, Major), "JSON", Of(&["getProject"]), Wire(Ok, Trailed), "there is more behind the JSON of an answer"),
    row(("json-with-nan", Robustness, Major), "JSON", Of(&["listProjects"]), Wire(Ok, NotANumber), "a number is `NaN`"),
    row(("json-in-callback", Robustness, Major), "JSON", Of(&["getActiveRegions"]), Wire(Ok, Callback), "the JSON stands in a call of a function"),
    row(("json-in-text", Robustness, Major), "JSON", Of(&["getProjectBranch"]), Answer(Ok, "", InText), "an answer is a text that holds JSON"),
    row(("one-write-in-html", Robustness, Major), "JSON", Of(&["createProjectBranch"]), Wire(Ok, Html), "a branch is made, and the answer is an HTML page"),
    row(("writes-without-body", Robustness, Major), "JSON", Writes, Wire(Ok, Nothing), "writes are answered without a body"),
    row(("everything-is-503", Code, Critical), "ERR-404", But(&["listProjects"]), Status(Ok, 503), "every operation but one is answered with 503"),
    row(("body-in-204", Robustness, Minor), "HTTP-COMPLETE", Every, BodyIn204, "204 comes with a body"),
];
