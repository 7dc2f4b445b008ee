//! An answer arrives whole: within the limits, as long as it says, and decodable (RFC 9110 §8.6, RFC 9112 §8). What has no body (204) does
//! not say how long that is, nor how it is sent, and a length does not stand beside a coding that has its own end (RFC 9112 §6.1, §6.2).

use super::check::{Check, Look, Severity};
use super::record::Record;

pub(super) const CHECK: Check = Check {
    id: "transport",
    summary: "every response arrives complete, within the time and size limits",
    looks_at: "all responses",
    requirements: &["HTTP-COMPLETE"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.exchanges.iter().enumerate() {
        look.examine(index);
        if let Some(fault) = &exchange.response.fault {
            look.report(index, "answer", "a complete HTTP response", fault.to_string());
        }
        let length = exchange.response.header("content-length").filter(|length| *length != "0");
        let coding = exchange.response.header("transfer-encoding");
        match (exchange.response.status, length, coding) {
            (204, Some(length), _) => {
                look.report(index, "header content-length", "none, since 204 has no body", length);
            }
            (204, _, Some(coding)) => {
                look.report(index, "header transfer-encoding", "none, since 204 has no body", coding);
            }
            (_, Some(length), Some(coding)) => {
                let expected = format!("none together with transfer-encoding: {coding}");
                look.report(index, "header content-length", expected, length);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::exchange::TransportFault;
    use crate::judge::testing::{Fake, check};

    #[test]
    fn it_fires_when_an_answer_breaks_off() {
        let broken = Fake::of("listProjects").fault(TransportFault::Broken("connection closed".to_owned()));
        assert_eq!(check(&super::CHECK, vec![broken]), ["answer: connection closed"]);
    }

    #[test]
    fn it_fires_when_204_has_a_body() {
        let long = Fake::of("listProjects").status(204).header("content-length", "2");
        assert_eq!(check(&super::CHECK, vec![long]), ["header content-length: 2"]);
    }

    #[test]
    fn it_fires_on_framing_that_contradicts_itself() {
        let chunked = |status| Fake::of("listProjects").status(status).header("transfer-encoding", "chunked");
        assert_eq!(check(&super::CHECK, vec![chunked(204)]), ["header transfer-encoding: chunked"]);
        let both = chunked(200).header("content-length", "2");
        assert_eq!(check(&super::CHECK, vec![both]), ["header content-length: 2"]);
        assert!(check(&super::CHECK, vec![chunked(200)]).is_empty());
    }

    #[test]
    fn it_is_silent_on_a_whole_answer() {
        let empty = Fake::of("listProjects").status(204).header("content-length", "0");
        assert!(check(&super::CHECK, vec![Fake::of("listProjects"), empty]).is_empty());
    }
}
