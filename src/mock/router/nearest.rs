//! For a request that is no operation: the operation that is most like it, and what keeps them apart.

use axum::http::Method;
use serde::Serialize;

use super::Route;
use super::routes::ROUTES;

/// An operation that a request nearly is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NearMiss {
    /// The operation.
    pub operation: &'static str,
    /// Its method.
    pub method: &'static str,
    /// Its path.
    pub path: &'static str,
    /// What keeps the request from being this operation.
    pub why: Vec<String>,
}

/// How far a request may be from an operation, of the number of its segments.
const FARTHEST: f64 = 0.35;

/// The longest path that is compared, in bytes.
const LONGEST_PATH: usize = 512;

/// What another method counts, beside a wrong segment.
const WRONG_METHOD: f64 = 0.4;

/// The operation most like a request; `None` where nothing is like it at all.
pub(in crate::mock) fn nearest(method: &Method, path: &str) -> Option<NearMiss> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    // Beyond that nothing is like any operation, and comparing would take long.
    if path.len() > LONGEST_PATH {
        return None;
    }
    let asked: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let distance = |route: &'static Route| {
        let segments = segments(route);
        let steps: f64 = align(&asked, &segments).iter().map(|step| cost(*step)).sum();
        let method = if route.method == *method { 0.0 } else { WRONG_METHOD };
        (steps + method, segments.len().max(asked.len()), route)
    };
    let (distance, length, route) = ROUTES.iter().map(distance).min_by(|(a, ..), (b, ..)| a.total_cmp(b))?;
    #[expect(clippy::cast_precision_loss, reason = "a path has few segments")]
    if distance > FARTHEST * length as f64 {
        return None;
    }
    let mut why = Vec::new();
    if route.method != *method {
        why.push(format!("the method is {method}, not {}", route.method));
    }
    for step in align(&asked, &segments(route)) {
        match step {
            Step::Pair(is, wanted) if segment_cost(is, wanted) > 0.0 => {
                why.push(format!("`{is}` stands where `{wanted}` should"));
            }
            Step::Pair(..) => {}
            Step::Extra(is) => why.push(format!("`{is}` is too much")),
            Step::Lacking(wanted) => why.push(format!("`{wanted}` is missing")),
        }
    }
    if path.len() > 1 && path.ends_with('/') {
        why.push("the path ends with `/`".to_owned());
    } else if path.contains("//") {
        why.push("a segment of the path is empty".to_owned());
    }
    Some(NearMiss { operation: route.operation, method: route.method.as_str(), path: route.path, why })
}

fn segments(route: &'static Route) -> Vec<&'static str> {
    route.path.split('/').skip(1).collect()
}

/// One step from the segments of a request to those of an operation.
#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Pair(&'a str, &'a str),
    Extra(&'a str),
    Lacking(&'a str),
}

fn cost(step: Step<'_>) -> f64 {
    match step {
        Step::Pair(is, wanted) => segment_cost(is, wanted),
        // The prefix of the API is what is left out most; v2 is meant then, where both have the operation.
        Step::Lacking("api" | "v2") => 0.25,
        Step::Lacking("v1") => 0.3,
        Step::Extra(_) | Step::Lacking(_) => 1.0,
    }
}

/// From 0, the same, to 1, nothing alike. A parameter is met by anything.
fn segment_cost(is: &str, wanted: &str) -> f64 {
    if wanted.starts_with('{') { 0.0 } else { 1.0 - strsim::normalized_damerau_levenshtein(is, wanted) }
}

/// The cheapest way from one to the other (Wagner and Fischer, 1974).
fn align<'a>(asked: &[&'a str], wanted: &[&'a str]) -> Vec<Step<'a>> {
    let mut best = vec![vec![(0.0, None); wanted.len() + 1]; asked.len() + 1];
    for row in 0..=asked.len() {
        for column in 0..=wanted.len() {
            let mut steps = Vec::new();
            if row > 0 && column > 0 {
                steps.push((row - 1, column - 1, Step::Pair(asked[row - 1], wanted[column - 1])));
            }
            if row > 0 {
                steps.push((row - 1, column, Step::Extra(asked[row - 1])));
            }
            if column > 0 {
                steps.push((row, column - 1, Step::Lacking(wanted[column - 1])));
            }
            let cheapest = steps
                .into_iter()
                .map(|(row, column, step)| (best[row][column].0 + cost(step), Some((row, column, step))))
                .min_by(|(a, _), (b, _)| a.total_cmp(b));
            if let Some(cheapest) = cheapest {
                best[row][column] = cheapest;
            }
        }
    }
    let mut steps = Vec::new();
    let mut at = (asked.len(), wanted.len());
    while let (_, Some((row, column, step))) = best[at.0][at.1] {
        steps.push(step);
        at = (row, column);
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("GET", "/api/v2/project", "listProjects", &["`project` stands where `projects` should"])]
    #[case("GET", "/projects", "listProjects", &["`api` is missing", "`v2` is missing"])]
    #[case("GET", "/v2/projects", "listProjects", &["`api` is missing"])]
    #[case("GET", "/api/v2/projects/", "listProjects", &["the path ends with `/`"])]
    #[case("PUT", "/api/v2/projects/p-1", "getProject", &["the method is PUT, not GET"])]
    #[case("POST", "/api/v2/api-keys", "createApiKey", &["`api-keys` stands where `api_keys` should"])]
    #[case("GET", "/api/v2/projects/p-1/branch/br-1", "getProjectBranch", &["`branch` stands where `branches` should"])]
    fn the_nearest_operation_is_named(
        #[case] method: &str,
        #[case] path: &str,
        #[case] operation: &str,
        #[case] why: &[&str],
    ) {
        let near = nearest(&method.parse().expect("it is a method"), path).expect("something is near");
        assert_eq!(
            (near.operation, near.why),
            (operation, why.iter().map(|why| (*why).to_owned()).collect())
        );
    }

    #[test]
    fn what_is_like_nothing_has_nothing_near() {
        assert_eq!(nearest(&Method::GET, "/favicon.ico"), None);
        assert_eq!(nearest(&Method::GET, "/"), None);
        assert_eq!(nearest(&Method::GET, &"/a".repeat(20_000)), None);
    }
}
