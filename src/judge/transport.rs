//! An answer arrives whole: within the limits, as long as it says, and decodable (RFC 9110 §8.6, RFC 9112 §8).

use super::check::{Check, Look, Severity};
use super::record::Record;

pub(super) const CHECK: Check = Check {
    id: "transport",
    summary: "every answer arrives whole, within the time and size limits",
    looks_at: "every answer",
    requirements: &["HTTP-COMPLETE"],
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.exchanges.iter().enumerate() {
        look.examine(index);
        if let Some(fault) = &exchange.response.fault {
            look.report(index, "answer", "a complete HTTP answer", fault.to_string());
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
    fn it_is_silent_on_a_whole_answer() {
        assert!(check(&super::CHECK, vec![Fake::of("listProjects")]).is_empty());
    }
}
