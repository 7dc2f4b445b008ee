//! The console as a program that is no browser meets it. What a person does is in `tests/clients/console.mjs`.

use neon_contract::mock::{AccountFixture, Mock};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use secrecy::ExposeSecret;
use serde_json::Value;

const FORM: &str = "application/x-www-form-urlencoded";

/// A mock with a console, and a browser of a kind that follows no redirect.
struct Visitor {
    mock: Mock,
    client: Client,
    cookie: String,
}

impl Visitor {
    /// Someone who has signed in.
    async fn signed_in() -> Self {
        let mock = Mock::builder().console(true).start().await.expect("the mock starts");
        let account = mock.first_account(&AccountFixture::builtin("seed").expect("it is built in"));
        let client = Client::builder().redirect(Policy::none()).build().expect("there is a client");
        let mut visitor = Self { mock, client, cookie: String::new() };
        let signed_in =
            visitor.post("/console/sign-in", &format!("user={}&provider=GitHub", account.user_id)).await;
        assert_eq!(signed_in.headers()["location"], "/console/projects");
        let cookie = signed_in.headers()["set-cookie"].to_str().expect("it is text").to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        cookie.split(';').next().unwrap_or_default().clone_into(&mut visitor.cookie);
        visitor
    }

    async fn get(&self, path: &str) -> Response {
        let request = self.client.get(format!("{}{path}", self.mock.origin()));
        request.header("cookie", &self.cookie).send().await.expect("the console answers")
    }

    async fn post(&self, path: &str, form: &str) -> Response {
        let request = self.client.post(format!("{}{path}", self.mock.origin())).header("content-type", FORM);
        request
            .header("cookie", &self.cookie)
            .body(form.to_owned())
            .send()
            .await
            .expect("the console answers")
    }
}

const SETTINGS: &str = "/console/account/developer-settings";
const KEYS: &str = "/console/account/developer-settings/keys";

#[tokio::test]
async fn nothing_is_shown_without_having_signed_in() {
    let visitor = Visitor::signed_in().await;
    for cookie in ["", "neon_contract_console=nonsense", "other=1"] {
        let request =
            visitor.client.get(format!("{}{SETTINGS}", visitor.mock.origin())).header("cookie", cookie);
        let answer = request.send().await.expect("the console answers");
        assert_eq!(
            (answer.status(), &answer.headers()["location"]),
            (StatusCode::SEE_OTHER, &"/console".parse().expect("it is"))
        );
    }
}

#[tokio::test]
async fn pages_are_kept_nowhere_and_load_nothing_from_elsewhere() {
    let visitor = Visitor::signed_in().await;
    let page = visitor.get(SETTINGS).await;
    assert_eq!(page.headers()["cache-control"], "no-store");
    assert!(
        page.headers()["content-security-policy"]
            .to_str()
            .is_ok_and(|policy| policy.starts_with("default-src 'none'"))
    );
}

#[tokio::test]
async fn a_key_is_shown_once_and_not_to_a_head_request() {
    let visitor = Visitor::signed_in().await;
    visitor.post(KEYS, "name=mine").await;
    let head =
        visitor.client.head(format!("{}{SETTINGS}", visitor.mock.origin())).header("cookie", &visitor.cookie);
    head.send().await.expect("the console answers");
    assert!(visitor.get(SETTINGS).await.text().await.expect("it is text").contains("napi_"));
    assert!(!visitor.get(SETTINGS).await.text().await.expect("it is text").contains("napi_"));
}

#[tokio::test]
async fn a_page_of_another_origin_generates_nothing() {
    let visitor = Visitor::signed_in().await;
    let request =
        visitor.client.post(format!("{}{KEYS}", visitor.mock.origin())).header("content-type", FORM);
    let request =
        request.header("cookie", &visitor.cookie).header("origin", "https://example.com").body("name=theirs");
    assert_eq!(request.send().await.expect("the console answers").status(), StatusCode::FORBIDDEN);
    assert!(!visitor.get(SETTINGS).await.text().await.expect("it is text").contains("theirs"));
}

#[tokio::test]
async fn a_name_that_is_too_long_is_refused_and_kept_in_the_form() {
    let visitor = Visitor::signed_in().await;
    let name = "n".repeat(65);
    let answer = visitor.post(KEYS, &format!("name={name}")).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let page = answer.text().await.expect("it is text");
    assert!(page.contains("64 characters at most") && page.contains(&name), "{page}");
    for form in ["", "name=", "name=+++", "other=1"] {
        assert_eq!(visitor.post(KEYS, form).await.status(), StatusCode::BAD_REQUEST, "{form}");
    }
    let signing_in = visitor.post("/console/sign-in", "user=nobody&provider=GitHub").await;
    assert_eq!(signing_in.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_generated_is_on_disk_before_it_is_told() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("state.json");
    let builder = Mock::builder().admin(true).persist(&path);
    let mock = builder.start().await.expect("the mock starts");
    mock.first_account(&AccountFixture::default()).key.expose_secret();
    let made =
        Client::new().post(format!("{}/_mock/accounts", mock.origin())).body(r#"{"fixture": "empty"}"#);
    let made: Value = made.send().await.expect("it answers").json().await.expect("it is JSON");
    let kept = std::fs::read_to_string(&path).expect("it is there");
    assert!(kept.contains(made["user_id"].as_str().expect("it is told")));
}
