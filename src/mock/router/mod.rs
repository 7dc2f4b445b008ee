//! From a request to the operation it is.

mod nearest;
mod routes;

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::http::Method;

use super::error::ApiError;
use super::handlers::{Answer, Call};
use super::model::State;

pub use nearest::NearMiss;
pub(super) use nearest::nearest;

/// What an operation does.
type Handler = fn(&Call<'_>, &mut State) -> Answer;

/// What an operation does that only looks.
pub(super) type Reader = fn(&Call<'_>, &State) -> Answer;

/// One operation.
#[derive(Debug)]
pub(super) struct Route {
    method: Method,
    operation: &'static str,
    path: &'static str,
    support: Support,
}

/// What the mock makes of an operation.
#[derive(Debug, Clone, Copy)]
enum Support {
    /// It is performed.
    Performed(Handler),
    /// It is performed, and many may be at once: it changes nothing.
    Shown(Reader),
    /// It is performed as far as it can be without what is behind it: there is nothing to find.
    Bare(Handler),
    /// It is not performed: 501.
    Lacking,
}

/// The parameters in a path, by name, percent-decoded.
pub(super) type Params = Vec<(&'static str, String)>;

/// The operation of a request with the parameters in its path, or why it is none.
pub(super) type Found = Result<(&'static Route, Params), ApiError>;

/// A path with all that can be done there.
struct Place {
    /// What stands between its slashes.
    segments: Vec<&'static str>,
    routes: Vec<&'static Route>,
}

/// The places by the number of their segments, those with the fewest parameters first.
static BY_LENGTH: LazyLock<HashMap<usize, Vec<Place>>> = LazyLock::new(|| {
    let mut by_length: HashMap<usize, Vec<Place>> = HashMap::new();
    for route in &routes::ROUTES {
        let segments: Vec<&str> = route.path.split('/').collect();
        let places = by_length.entry(segments.len()).or_default();
        match places.iter_mut().find(|place| place.segments == segments) {
            Some(place) => place.routes.push(route),
            None => places.push(Place { segments, routes: vec![route] }),
        }
    }
    for places in by_length.values_mut() {
        places.sort_by_key(|place| place.segments.iter().filter(|segment| is_parameter(segment)).count());
    }
    by_length
});

impl Route {
    /// The operation, as the API's document calls it.
    pub(super) fn operation(&self) -> &'static str {
        self.operation
    }

    /// What performs the operation, where it changes nothing.
    pub(super) fn reader(&self) -> Option<Reader> {
        match self.support {
            Support::Shown(reader) => Some(reader),
            _ => None,
        }
    }

    /// Whether the mock does anything at all.
    pub(super) fn is_performed(&self) -> bool {
        !matches!(self.support, Support::Lacking)
    }

    /// Performs the operation, as far as the mock can.
    pub(super) fn perform(&self, call: &Call<'_>, state: &mut State) -> Answer {
        match self.support {
            Support::Performed(handler) | Support::Bare(handler) => handler(call, state),
            Support::Shown(reader) => reader(call, state),
            Support::Lacking => Err(ApiError::not_implemented(self.operation)),
        }
    }
}

/// The operation of a request, with the parameters in its path. HEAD is answered as GET (RFC 9110 §9.3.2).
pub(super) fn find(method: &Method, path: &str) -> Found {
    let parts: Vec<&str> = path.split('/').collect();
    let places = BY_LENGTH.get(&parts.len()).map(Vec::as_slice).unwrap_or_default();
    // Of several paths that fit, the one with the fewest parameters is meant.
    let place = places.iter().find(|place| fits(&place.segments, &parts));
    let place = place.ok_or_else(|| ApiError::no_such_path(path))?;
    let wanted = if method == Method::HEAD { &Method::GET } else { method };
    match place.routes.iter().find(|route| route.method == *wanted) {
        Some(route) => Ok((route, params(&place.segments, &parts))),
        None => Err(ApiError::method_not_allowed(allow(&place.routes))),
    }
}

/// Whether the mock performs what has this method and a path of this shape: `{}` stands for a parameter.
pub(super) fn is_performed(method: &str, shape: &str) -> bool {
    let is_it = |route: &&Route| {
        let mut segments = route.path.split('/').map(|part| if is_parameter(part) { "{}" } else { part });
        route.method == method && segments.by_ref().eq(shape.split('/'))
    };
    routes::ROUTES.iter().find(is_it).is_some_and(Route::is_performed)
}

fn allow(routes: &[&Route]) -> String {
    let mut methods: Vec<&str> = routes.iter().map(|route| route.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.join(", ")
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

fn fits(segments: &[&str], parts: &[&str]) -> bool {
    let mut pairs = segments.iter().zip(parts);
    pairs.all(|(segment, part)| if is_parameter(segment) { !part.is_empty() } else { segment == part })
}

fn params(segments: &[&'static str], parts: &[&str]) -> Params {
    let named = segments.iter().zip(parts).filter_map(|(segment, part)| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        Some((name, percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned()))
    });
    named.collect()
}

/// An operation of the API, and what the mock makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Supported {
    /// Its name in the API's document.
    pub operation: &'static str,
    /// The method.
    pub method: &'static str,
    /// The path, with the names of its parameters in braces.
    pub path: &'static str,
    /// `performed`; `bare`, there is nothing to find (404); or `lacking` (501).
    pub support: &'static str,
}

/// The support matrix, made from the table that requests are routed by.
pub fn support() -> impl Iterator<Item = Supported> {
    routes::ROUTES.iter().map(|route| Supported {
        operation: route.operation,
        method: route.method.as_str(),
        path: route.path,
        support: match route.support {
            Support::Performed(_) | Support::Shown(_) => "performed",
            Support::Bare(_) => "bare",
            Support::Lacking => "lacking",
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_finds_its_operation() {
        let (route, params) = find(&Method::DELETE, "/api/v2/api_keys/7").expect("it is an operation");
        assert_eq!((route.operation, params), ("revokeApiKey", vec![("key_id", "7".to_owned())]));
        let (route, _) = find(&Method::HEAD, "/api/v1/projects").expect("HEAD is answered as GET");
        assert_eq!(route.method, Method::GET);
    }

    #[test]
    fn a_word_goes_before_a_parameter() {
        let (route, _) = find(&Method::GET, "/api/v2/projects/p/branches/count").expect("it is an operation");
        assert_eq!(route.operation, "countProjectBranches");
        let (route, params) =
            find(&Method::GET, "/api/v2/projects/p/branches/odd%2Fname%201").expect("it is one");
        assert_eq!(
            (route.operation, &params[1]),
            ("getProjectBranch", &("branch_id", "odd/name 1".to_owned()))
        );
    }

    #[test]
    fn no_operation_is_twice_in_the_table() {
        let mut seen = std::collections::BTreeSet::new();
        for route in &routes::ROUTES {
            assert!(seen.insert(route.operation), "{}", route.operation);
            assert!(seen.insert(Box::leak(format!("{} {}", route.method, route.path).into_boxed_str())));
        }
    }

    #[test]
    fn another_method_is_told_what_there_is() {
        let error = find(&Method::PUT, "/api/v2/projects").expect_err("there is no PUT");
        assert_eq!((error.status.as_u16(), error.allow.as_deref()), (405, Some("GET, POST, HEAD")));
    }

    #[test]
    fn other_paths_do_not_exist() {
        for path in [
            "/",
            "/api/v3/projects",
            "/api/v2/projects/",
            "/api/v2/projects/a/b",
            "/api/v2",
            "/api/v2/projects//branches",
        ] {
            let error = find(&Method::GET, path).expect_err("there is no such path");
            assert_eq!(error.status.as_u16(), 404, "{path}");
        }
    }
}
