//! The pages, as HTML.

use std::sync::LazyLock;

use axum::http::StatusCode;
use minijinja::{Environment, Value, context};
use secrecy::ExposeSecret;

use super::session::NewKey;
use super::{PROVIDERS, SignedIn};
use crate::mock::clock::seconds;
use crate::mock::model::{Caller, Key, Project, State, User};

/// So many users or projects a page shows at most.
const MOST: usize = 100;

/// What a page is made from. All that is put in is escaped: the names of templates say that they are HTML.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    for (name, text) in [
        ("layout.html", include_str!("layout.html")),
        ("sign-in.html", include_str!("sign-in.html")),
        ("projects.html", include_str!("projects.html")),
        ("account.html", include_str!("account.html")),
        ("developer-settings.html", include_str!("developer-settings.html")),
        ("revoke.html", include_str!("revoke.html")),
    ] {
        templates.add_template(name, text).expect("the templates are sound");
    }
    templates
});

/// A page.
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) html: String,
}

impl Page {
    fn render(template: &str, values: Value) -> Self {
        let template = TEMPLATES.get_template(template).expect("it is one of the templates");
        let html = template.render(values).expect("the templates are sound");
        Self { status: StatusCode::OK, html }
    }

    fn with_problem(self, is_problem: bool) -> Self {
        if is_problem { Self { status: StatusCode::BAD_REQUEST, ..self } } else { self }
    }
}

pub(super) fn sign_in(state: &State, problem: Option<&str>) -> Page {
    let users: Vec<Value> = state.users().take(MOST).map(|(_, user)| shown_user(user)).collect();
    let page =
        Page::render("sign-in.html", context! { title => "Sign in", users, providers => PROVIDERS, problem });
    page.with_problem(problem.is_some())
}

/// The projects that the user reaches, of organizations too.
pub(super) fn projects(state: &State, signed_in: &SignedIn) -> Page {
    let caller = Caller { account: signed_in.account, key: 0 };
    let reached: Vec<&Project> =
        state.reached(caller).flat_map(|number| state.account_at(number).projects.iter()).collect();
    let projects: Vec<Value> = reached.iter().take(MOST).map(|project| shown_project(project)).collect();
    let more = reached.len() - projects.len();
    Page::render(
        "projects.html",
        context! { title => "Projects", place => "projects", projects, more, ..common(state, signed_in) },
    )
}

pub(super) fn account(state: &State, signed_in: &SignedIn) -> Page {
    Page::render(
        "account.html",
        context! { title => "Account", place => "account", ..common(state, signed_in) },
    )
}

/// What is shown beside the keys.
#[derive(Default)]
pub(super) struct Beside<'a> {
    /// A key that was just made.
    pub(super) new: Option<&'a NewKey>,
    /// What was just done.
    pub(super) notice: Option<String>,
    /// What is wrong with the name of a new key.
    pub(super) problem: Option<String>,
    /// That name.
    pub(super) name: &'a str,
}

/// The keys in force, newest first.
pub(super) fn developer_settings(state: &State, signed_in: &SignedIn, beside: Beside<'_>) -> Page {
    let Beside { new, notice, problem, name } = beside;
    let keys = state.account_at(signed_in.account).keys.values().rev();
    let keys: Vec<Value> = keys.map(shown_key).collect();
    // Shown this once to whom it belongs (KEY-ONCE).
    let token = new.map(|new| context! { name => &new.name, value => new.token.expose_secret() });
    let is_problem = problem.is_some();
    let page = Page::render(
        "developer-settings.html",
        context! {
            title => "Developer Settings", place => "developer settings",
            keys, token, notice, problem, name, ..common(state, signed_in)
        },
    );
    page.with_problem(is_problem)
}

pub(super) fn revoke(state: &State, signed_in: &SignedIn, key: &Key) -> Page {
    Page::render(
        "revoke.html",
        context! {
            title => "Revoke an API key", place => "developer settings",
            key => shown_key(key), ..common(state, signed_in)
        },
    )
}

fn common(state: &State, signed_in: &SignedIn) -> Value {
    context! {
        user => state.user_at(signed_in.account).map(shown_user),
        provider => signed_in.session.provider,
    }
}

fn shown_user(user: &User) -> Value {
    context! { id => user.id.to_string(), name => &user.name, last_name => &user.last_name, email => &user.email }
}

fn shown_project(project: &Project) -> Value {
    context! {
        id => &project.id,
        name => &project.name,
        region => &project.region_id,
        pg_version => project.pg_version,
        branches => project.branches.len(),
        created_at => seconds(project.created_at),
    }
}

fn shown_key(key: &Key) -> Value {
    let last_used = key.last_used.get();
    context! {
        id => key.id,
        name => &key.name,
        created_at => seconds(key.created_at),
        last_used_at => last_used.map(|(at, _)| seconds(at)),
        last_used_from => last_used.map(|(_, address)| address.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::TEMPLATES;

    #[test]
    fn all_templates_are_sound() {
        assert_eq!(TEMPLATES.templates().count(), 6);
    }
}
