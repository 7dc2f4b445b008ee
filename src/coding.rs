//! Content codings: what was compressed on its way (RFC 9110 §8.4).

use std::io::{self, Read};

use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use crate::exchange::TransportFault;

/// The coding that is asked for.
pub(crate) const ASKED: &str = "gzip";

/// The codings of a body, in the order they were applied, in lower case.
pub(crate) fn of(headers: &[(String, String)]) -> Vec<String> {
    headers
        .iter()
        .filter(|(name, _)| name == "content-encoding")
        .flat_map(|(_, value)| value.split(','))
        .map(|coding| coding.trim().to_ascii_lowercase())
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect()
}

/// A body that came so, as far as it can be decoded, and what is wrong with it: it is of one coding that was asked for, once.
pub(crate) fn received(
    headers: &[(String, String)],
    body: Vec<u8>,
    limit: usize,
) -> (Vec<u8>, Option<TransportFault>) {
    let codings = of(headers);
    // An answer without a body may say how it would be coded.
    if codings.is_empty() || body.is_empty() {
        return (body, None);
    }
    if let Some(other) = codings.iter().find(|coding| !is_gzip(coding)) {
        let fault = format!("a body with `Content-Encoding: {other}`, which was not requested");
        return (body, Some(TransportFault::Broken(fault)));
    }
    let (mut body, mut fault) = (body, None);
    for _ in codings {
        let mut decoded = Vec::new();
        let ended = MultiGzDecoder::new(&body[..]).take(limit as u64 + 1).read_to_end(&mut decoded);
        fault = match ended {
            Ok(length) if length > limit => Some(TransportFault::TooLarge(limit)),
            Ok(_) => None,
            Err(error) => Some(TransportFault::Broken(format!("invalid gzip body: {error}"))),
        };
        body = decoded;
        if fault.is_some() {
            break;
        }
    }
    (body, fault)
}

/// What was compressed so, whoever asked for it; `None` where it cannot be decompressed, or is longer than the limit.
pub(crate) fn decode(coding: &str, body: &[u8], limit: u64) -> Option<Vec<u8>> {
    match coding {
        coding if is_gzip(coding) => all(MultiGzDecoder::new(body), limit),
        // Many leave out what stands around it (RFC 9110 §8.4.1.2).
        "deflate" => all(ZlibDecoder::new(body), limit).or_else(|| all(DeflateDecoder::new(body), limit)),
        "br" => all(Decompressor::new(body, 4096), limit),
        _ => None,
    }
}

/// `x-gzip` is the same (RFC 9110 §8.4.1.3).
fn is_gzip(coding: &str) -> bool {
    matches!(coding, "gzip" | "x-gzip")
}

fn all(packed: impl io::Read, limit: u64) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    packed.take(limit + 1).read_to_end(&mut body).ok()?;
    (body.len() as u64 <= limit).then_some(body)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use rstest::rstest;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    }

    #[rstest]
    #[case::plain(&[], b"{}".to_vec())]
    #[case::identity(&["identity"], b"{}".to_vec())]
    #[case::gzip(&["gzip"], gzip(b"{}"))]
    #[case::in_capitals(&["GZIP"], gzip(b"{}"))]
    #[case::its_other_name(&["x-gzip"], gzip(b"{}"))]
    #[case::of_several_members(&["gzip"], [gzip(b"{"), gzip(b""), gzip(b"}")].concat())]
    #[case::twice(&["gzip, gzip"], gzip(&gzip(b"{}")))]
    #[case::twice_on_two_lines(&["gzip", "gzip"], gzip(&gzip(b"{}")))]
    fn what_was_asked_for_is_decoded(#[case] codings: &[&str], #[case] body: Vec<u8>) {
        let headers: Vec<_> =
            codings.iter().map(|coding| ("content-encoding".to_owned(), (*coding).to_owned())).collect();
        assert_eq!(received(&headers, body, 100), (b"{}".to_vec(), None));
    }

    #[rstest]
    #[case::cut("gzip", gzip(b"{}")[..12].to_vec(), "invalid gzip body")]
    #[case::not_at_all("gzip", b"{}".to_vec(), "invalid gzip body")]
    #[case::too_long("gzip", gzip(&[b' '; 101]), "more than 100 bytes")]
    #[case::another("br", b"{}".to_vec(), "`Content-Encoding: br`, which was not requested")]
    #[case::another_within("gzip, br", gzip(b"{}"), "`Content-Encoding: br`, which was not requested")]
    fn what_cannot_be_decoded_is_a_fault(#[case] coding: &str, #[case] body: Vec<u8>, #[case] told: &str) {
        let headers = [("content-encoding".to_owned(), coding.to_owned())];
        let (_, fault) = received(&headers, body, 100);
        assert!(fault.as_ref().is_some_and(|fault| fault.to_string().contains(told)), "{fault:?}");
    }
}
