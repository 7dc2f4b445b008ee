//! When a request is sent again, and after how long.

use std::time::{Duration, SystemTime};

use rand::Rng as _;

use crate::exchange::{Request, Response, TransportFault};
use crate::result::RetryCause;
use crate::spec::case_file::Effect;
use crate::spec::contract::effect_of;
use crate::target::{Target, Unreachable};

/// A request is sent no more often than this after its first time.
const AT_MOST: usize = 6;

/// The same where there was no answer.
const AT_MOST_WITHOUT_ANSWER: usize = 3;

/// Nobody waits longer than this between two times.
const LONGEST: Duration = Duration::from_secs(120);

/// The first pause where the endpoint names none; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(500);

/// The same where there was no answer.
const FIRST_WITHOUT_ANSWER: Duration = Duration::from_millis(150);

/// Returns the cause and the pause of the next retry after `times` retries, or `None`.
///
/// 423 and 503 say that it may be (RETRY-423, RETRY-503), 429 that it was not performed (RFC 6585 §4); without an answer, only what can be
/// repeated safely is (RFC 9110 §9.2.2), and what never left.
pub(super) fn again(
    request: &Request,
    answer: &Result<Response, Unreachable>,
    times: usize,
) -> Option<(RetryCause, Duration)> {
    let is_answered = answer.as_ref().is_ok_and(|response| response.status != 0);
    let (at_most, first) =
        if is_answered { (AT_MOST, FIRST) } else { (AT_MOST_WITHOUT_ANSWER, FIRST_WITHOUT_ANSWER) };
    if times >= at_most {
        return None;
    }
    let pause = jittered(first * 2u32.pow(u32::try_from(times).unwrap_or(0)));
    match answer {
        Err(unreachable) => Some((RetryCause::Network(unreachable.cause.clone()), pause)),
        Ok(response) if matches!(response.status, 423 | 429 | 503) && response.fault.is_none() => {
            let asked = response.header("retry-after").and_then(retry_after);
            // An endpoint that wants to be left alone for long is.
            let pause = asked.unwrap_or(pause);
            (pause <= LONGEST).then_some((RetryCause::Status(response.status), pause))
        }
        Ok(Response { status: 0, fault: Some(TransportFault::Broken(cause)), .. })
            if effect_of(&request.method) == Effect::Reads =>
        {
            Some((RetryCause::Network(cause.clone()), pause))
        }
        Ok(_) => None,
    }
}

/// Sends a request until it has its answer, or for as long as [`again`] says.
pub(super) async fn deliver(
    target: &dyn Target,
    request: &Request,
    route: &str,
) -> Result<Response, Unreachable> {
    let mut times = 0;
    loop {
        target.ready(route).await;
        let answer = target.send(request).await;
        let Some((_, pause)) = again(request, &answer, times) else { return answer };
        tokio::time::sleep(pause).await;
        times += 1;
    }
}

/// The time that a `Retry-After` header asks to wait: seconds, or a date (RFC 9110 §10.2.3).
fn retry_after(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value.trim()).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// A little longer, so that what was refused together does not come back together.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(1.0..1.25))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn request(method: &str) -> Request {
        Request {
            method: method.to_owned(),
            target: "/".to_owned(),
            headers: Vec::new(),
            authorization: None,
            body: None,
        }
    }

    fn answer(status: u16, retry_after: Option<&str>) -> Result<Response, Unreachable> {
        let headers = retry_after.map(|value| ("retry-after".to_owned(), value.to_owned()));
        Ok(Response::new(status, headers.into_iter().collect(), Vec::new()))
    }

    #[rstest]
    #[case::as_it_asks(429, Some("7"), Some(7.0..=7.0))]
    #[case::at_once(503, Some("0"), Some(0.0..=0.0))]
    #[case::a_date_that_has_passed(429, Some("Sun, 06 Nov 1994 08:49:37 GMT"), Some(0.0..=0.0))]
    #[case::without_a_word(423, None, Some(0.5..=0.7))]
    #[case::with_a_word_that_is_none(429, Some("soon"), Some(0.5..=0.7))]
    #[case::too_long(429, Some("86400"), None)]
    #[case::well(200, None, None)]
    #[case::not_to_be_repeated(500, Some("1"), None)]
    fn an_answer_may_ask_for_it(
        #[case] status: u16,
        #[case] header: Option<&str>,
        #[case] expected: Option<std::ops::RangeInclusive<f64>>,
    ) {
        let again = again(&request("POST"), &answer(status, header), 0);
        let waits = again.map(|(_, pause)| pause.as_secs_f64());
        assert_eq!(waits.is_some(), expected.is_some(), "{waits:?}");
        assert!(waits.zip(expected).is_none_or(|(waits, range)| range.contains(&waits)), "{waits:?}");
    }

    #[rstest]
    #[case::a_read("GET", true)]
    #[case::a_write_may_have_happened("POST", false)]
    #[case::a_removal_too("DELETE", false)]
    fn a_broken_connection_is_tried_again_where_that_is_safe(#[case] method: &str, #[case] expected: bool) {
        let broken = Ok(Response::default().broken(TransportFault::Broken("reset".to_owned())));
        assert_eq!(again(&request(method), &broken, 0).is_some(), expected);
    }

    #[test]
    fn what_never_left_is_sent_again() {
        let unreachable = Unreachable { origin: "http://localhost".to_owned(), cause: "refused".to_owned() };
        assert!(again(&request("POST"), &Err(unreachable), 0).is_some());
    }

    #[test]
    fn an_end_comes() {
        assert!(again(&request("GET"), &answer(503, None), AT_MOST).is_none());
    }
}
