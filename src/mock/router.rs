//! The operations of the mock: one table, from which paths, methods and `Allow` all come.

use axum::http::Method;

use super::error::ApiError;
use super::handlers::{Call, Reply, api_keys, projects, users, v1};
use super::state::State;

/// What an operation does.
pub(super) type Handler = fn(&Call<'_>, &mut State) -> Result<Reply, ApiError>;

/// One operation.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) handler: Handler,
}

const fn route(method: Method, path: &'static str, handler: Handler) -> Route {
    Route { method, path, handler }
}

static ROUTES: [Route; 11] = [
    route(Method::GET, "/api/v1/projects", v1::list_projects),
    route(Method::GET, "/api/v1/projects/{project_id}", v1::get_project),
    route(Method::GET, "/api/v2/api_keys", api_keys::list),
    route(Method::POST, "/api/v2/api_keys", api_keys::create),
    route(Method::DELETE, "/api/v2/api_keys/{key_id}", api_keys::revoke),
    route(Method::GET, "/api/v2/projects", projects::list),
    route(Method::POST, "/api/v2/projects", projects::create),
    route(Method::GET, "/api/v2/projects/{project_id}", projects::get),
    route(Method::PATCH, "/api/v2/projects/{project_id}", projects::update),
    route(Method::DELETE, "/api/v2/projects/{project_id}", projects::delete),
    route(Method::GET, "/api/v2/users/me", users::me),
];

/// The operation of a request, and the value of the parameter in its path. HEAD is answered as GET (RFC 9110 §9.3.2).
pub(super) fn find(method: &Method, path: &str) -> Result<(&'static Route, Option<String>), ApiError> {
    let fitting: Vec<(&Route, Option<String>)> =
        ROUTES.iter().filter_map(|route| Some((route, matches(route.path, path)?))).collect();
    if fitting.is_empty() {
        return Err(ApiError::no_such_path(path));
    }
    let wanted = if method == Method::HEAD { &Method::GET } else { method };
    let allow = allow(&fitting);
    fitting
        .into_iter()
        .find(|(route, _)| route.method == *wanted)
        .ok_or_else(|| ApiError::method_not_allowed(allow))
}

fn allow(fitting: &[(&Route, Option<String>)]) -> String {
    let mut methods: Vec<&str> = fitting.iter().map(|(route, _)| route.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.join(", ")
}

/// `Some` where the path fits, with the parameter in it, percent-decoded.
#[expect(clippy::option_option, reason = "whether it fits, and whether there is a parameter")]
fn matches(template: &str, path: &str) -> Option<Option<String>> {
    let mut parameter = None;
    let mut parts = path.split('/');
    for expected in template.split('/') {
        let part = parts.next()?;
        if expected.starts_with('{') {
            if part.is_empty() {
                return None;
            }
            parameter = Some(percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned());
        } else if expected != part {
            return None;
        }
    }
    parts.next().is_none().then_some(parameter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_finds_its_operation() {
        let (route, parameter) = find(&Method::DELETE, "/api/v2/api_keys/7").expect("it is an operation");
        assert_eq!((route.path, parameter.as_deref()), ("/api/v2/api_keys/{key_id}", Some("7")));
        let (route, _) = find(&Method::HEAD, "/api/v1/projects").expect("HEAD is answered as GET");
        assert_eq!(route.method, Method::GET);
    }

    #[test]
    fn another_method_is_told_what_there_is() {
        let error = find(&Method::PUT, "/api/v2/projects").expect_err("there is no PUT");
        assert_eq!((error.status.as_u16(), error.allow.as_deref()), (405, Some("GET, POST, HEAD")));
    }

    #[test]
    fn other_paths_do_not_exist() {
        for path in ["/", "/api/v3/projects", "/api/v2/projects/", "/api/v2/projects/a/b", "/api/v2"] {
            let error = find(&Method::GET, path).expect_err("there is no such path");
            assert_eq!(error.status.as_u16(), 404, "{path}");
        }
    }
}
