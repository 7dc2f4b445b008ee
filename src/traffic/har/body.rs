//! Bodies as recorders keep them: as text, in base64, in chunks, still compressed, in a file beside the recording, or not at all.

use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use data_encoding::HEXLOWER_PERMISSIVE;
use serde_json::Value;

use crate::coding;
use crate::exchange::Unseen;
use crate::input;

/// With padding or without.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// The folder of a recording, where bodies may stand in files of their own.
#[derive(Debug)]
pub(in crate::traffic) struct Beside(Option<PathBuf>);

impl Beside {
    /// The files beside a recording.
    pub(in crate::traffic) fn recording(path: &Path) -> Self {
        let folder =
            path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
        Self(folder.map(Path::to_owned))
    }

    /// No files.
    pub(in crate::traffic) fn nothing() -> Self {
        Self(None)
    }

    /// What a file of this name holds; none outside of the folder is read.
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        let folder = self.0.as_ref().ok_or("no other file is read")?;
        let is_below =
            Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !is_below || name.is_empty() {
            return Err("it is not next to the recording".to_owned());
        }
        let path = folder.join(name);
        if input::leads_out(&path, folder).map_err(|error| error.to_string())? {
            return Err(input::LEADS_OUT.to_owned());
        }
        input::read(&path, input::DOCUMENT).map_err(|error| error.to_string())
    }
}

/// The body of a request; none where it was not kept.
pub(super) fn of_request(data: &Value, beside: &Beside) -> Option<Vec<u8>> {
    if let Some(file) = data.get("_file").and_then(Value::as_str) {
        return beside.read(file).ok();
    }
    let text = data.get("text").and_then(Value::as_str);
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        let encoding = data.get("encoding").and_then(Value::as_str).unwrap_or_default();
        let decoded = encoding.eq_ignore_ascii_case("base64").then(|| from_base64(text)).flatten();
        return Some(decoded.unwrap_or_else(|| text.as_bytes().to_vec()));
    }
    let parameters =
        data.get("params").and_then(Value::as_array).filter(|parameters| !parameters.is_empty())?;
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for parameter in parameters {
        let member = |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default();
        form.append_pair(member("name"), member("value"));
    }
    Some(form.finish().into_bytes())
}

/// The body of an answer, or why it is not known. `has_none`: by its status or its method, whatever a recorder shows there.
pub(super) fn of_response(
    content: &Value,
    body_size: Option<i64>,
    has_none: bool,
    headers: &[(String, String)],
    beside: &Beside,
) -> Result<Vec<u8>, Unseen> {
    let body = kept(content, body_size, headers, beside);
    if has_none { Ok(body.unwrap_or_default()) } else { body }
}

fn kept(
    content: &Value,
    body_size: Option<i64>,
    headers: &[(String, String)],
    beside: &Beside,
) -> Result<Vec<u8>, Unseen> {
    let header =
        |name: &str| headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str());
    let codings = coding::of(headers);
    if let Some(file) = content.get("_file").and_then(Value::as_str) {
        let body = beside.read(file).map_err(|cause| {
            Unseen::Undecodable(format!("is in a separate file that cannot be read: {cause}"))
        })?;
        return if is_packed(&body, &codings, false) { unpacked(body, &codings) } else { Ok(body) };
    }
    let text = content.get("text").and_then(Value::as_str).unwrap_or_default();
    let comment = content.get("comment").and_then(Value::as_str).unwrap_or_default();
    let size = content.get("size").and_then(Value::as_i64);
    if text.is_empty() {
        let is_told = content.get("text").is_some_and(Value::is_string) && size.is_none_or(|size| size >= 0);
        let length = header("content-length").and_then(|length| length.trim().parse::<i64>().ok());
        let has_some = [size, body_size, length].into_iter().flatten().any(|size| size > 0);
        let is_unknown = !is_told && size != Some(0) && length != Some(0);
        if has_some || is_unknown || !comment.is_empty() {
            return Err(Unseen::NotKept("was not kept by the recorder".to_owned()));
        }
        return Ok(Vec::new());
    }
    let (body, was_packed) = decoded(content, text, size, !codings.is_empty())?;
    if is_packed(&body, &codings, was_packed) {
        // What was compressed says where it ends; its size may be that of what was in it.
        return unpacked(body, &codings);
    }
    let is_short = size.is_some_and(|size| i64::try_from(body.len()).is_ok_and(|length| length < size));
    // Some count other bytes than those that they keep: what is whole as JSON was not cut.
    if is_short && (!comment.is_empty() || !is_json(&body)) {
        return Err(Unseen::Undecodable("was not kept in full by the recorder".to_owned()));
    }
    Ok(body)
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

/// What a text stands for, and whether that is what came over the wire for certain.
fn decoded(
    content: &Value,
    text: &str,
    size: Option<i64>,
    is_coded: bool,
) -> Result<(Vec<u8>, bool), Unseen> {
    let plain = || (text.as_bytes().to_vec(), false);
    let encoding = content.get("encoding").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let is_binary = content.get("_isBinary") == Some(&Value::Bool(true));
    // Polly keeps what is compressed as a list of what came at once.
    let chunks = |decode: fn(&str) -> Option<Vec<u8>>| {
        let chunks: Vec<String> =
            serde_json::from_str(text).ok().filter(|chunks: &Vec<String>| !chunks.is_empty())?;
        let decoded: Option<Vec<Vec<u8>>> = chunks.iter().map(|chunk| decode(chunk)).collect();
        decoded.map(|decoded| (decoded.concat(), true))
    };
    let undecodable =
        |what: &str| Unseen::Undecodable(format!("is declared as {what}, but is not, or not in full"));
    match encoding.as_str() {
        "base64" => is_coded
            .then(|| chunks(from_base64))
            .flatten()
            .or_else(|| said_to_be_base64(text, size, is_coded).map(|body| (body, false)))
            .ok_or_else(|| undecodable("base64")),
        "hex" => from_hex(text)
            .map(|body| (body, false))
            .or_else(|| chunks(from_hex))
            .ok_or_else(|| undecodable("hexadecimal digits")),
        "" | "utf8" | "utf-8" | "text" | "plain" | "identity" => {
            let in_chunks = (is_coded || is_binary).then(|| chunks(from_hex)).flatten();
            let whole = || is_binary.then(|| from_hex(text).map(|body| (body, false))).flatten();
            Ok(in_chunks.or_else(whole).unwrap_or_else(plain))
        }
        _ => Err(Unseen::Undecodable("has an unknown encoding".to_owned())),
    }
}

/// What is marked as base64, by mistake or not: its size tells, or that it is text or JSON. `None` where nothing does.
fn said_to_be_base64(text: &str, size: Option<i64>, is_coded: bool) -> Option<Vec<u8>> {
    let plain = text.as_bytes();
    let has_size = |body: &[u8]| size.is_some_and(|size| i64::try_from(body.len()) == Ok(size));
    let body = from_base64(text);
    if body.as_deref().is_some_and(has_size) {
        return body;
    }
    if has_size(plain) {
        return Some(plain.to_vec());
    }
    // A word such as `null` may be either.
    let is_meant = |body: &Vec<u8>| std::str::from_utf8(body).is_ok() || (is_coded && !is_json(plain));
    body.filter(is_meant).or_else(|| is_json(plain).then(|| plain.to_vec()))
}

/// Whether a body still has its content codings (RFC 9110 §8.4): most recorders have taken them off. `was_packed`: for certain.
fn is_packed(body: &[u8], codings: &[String], was_packed: bool) -> bool {
    !codings.is_empty() && (was_packed || std::str::from_utf8(body).is_err())
}

fn unpacked(body: Vec<u8>, codings: &[String]) -> Result<Vec<u8>, Unseen> {
    codings.iter().rev().try_fold(body, |body, coding| {
        let unpacked = coding::decode(coding, &body, input::DOCUMENT);
        unpacked
            .ok_or_else(|| Unseen::Undecodable("cannot be decompressed by its Content-Encoding".to_owned()))
    })
}

/// Base64 of either alphabet, in lines or not, padded or not.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    let alphabet = if text.contains(['-', '_']) { alphabet::URL_SAFE } else { alphabet::STANDARD };
    GeneralPurpose::new(&alphabet, LENIENT).decode(text.trim_end_matches('=')).ok()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    const TEXT: &str = "{\"name\": \"ü?>~\"}";

    fn body(content: &Value, coding: &str) -> Result<String, Unseen> {
        let headers = [("content-encoding".to_owned(), coding.to_owned())];
        let body = of_response(content, None, false, &headers, &Beside::nothing())?;
        Ok(String::from_utf8(body).expect("it is text"))
    }

    fn gzip() -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(TEXT.as_bytes()).expect("there is room");
        packed.finish().expect("there is room")
    }

    fn chunks(decode: impl Fn(&[u8]) -> String) -> String {
        let packed = gzip();
        json!([decode(&packed[..9]), decode(&packed[9..])]).to_string()
    }

    #[rstest]
    #[case::text(json!({"text": TEXT}), "")]
    #[case::text_that_was_compressed(json!({"text": TEXT}), "gzip")]
    #[case::base64(json!({"text": STANDARD.encode(TEXT), "encoding": "base64"}), "")]
    #[case::in_lines(json!({"text": format!("{}\r\n{}", &STANDARD.encode(TEXT)[..8], &STANDARD.encode(TEXT)[8..]), "encoding": "base64"}), "")]
    #[case::without_padding(json!({"text": STANDARD_NO_PAD.encode(TEXT), "encoding": "base64"}), "gzip")]
    #[case::of_urls(json!({"text": URL_SAFE_NO_PAD.encode(TEXT), "encoding": "BASE64"}), "br")]
    #[case::marked_by_mistake(json!({"text": TEXT, "encoding": "base64"}), "")]
    #[case::hexadecimal(json!({"text": HEXLOWER_PERMISSIVE.encode(TEXT.as_bytes()), "_isBinary": true}), "")]
    #[case::still_compressed(json!({"text": STANDARD.encode(gzip()), "encoding": "base64"}), "gzip")]
    #[case::compressed_in_chunks(json!({"text": chunks(|chunk| STANDARD.encode(chunk)), "encoding": "base64"}), "GZIP")]
    #[case::compressed_in_chunks_of_digits(json!({"text": chunks(|chunk| HEXLOWER_PERMISSIVE.encode(chunk)), "_isBinary": true}), "gzip")]
    #[case::still_compressed_with_the_size_of_what_is_in_it(json!({"text": STANDARD.encode(gzip()), "encoding": "base64", "size": 250}), "gzip")]
    #[case::brotli(json!({"text": json!(["CwiAeyJuYW1l", "IjogIsO8Pz5+In0D"]).to_string(), "encoding": "base64"}), "br")]
    fn a_body_is_decoded(#[case] content: Value, #[case] coding: &str) {
        assert_eq!(body(&content, coding).expect("it is known"), TEXT);
    }

    #[rstest]
    #[case::json(json!({"text": "null"}), "null")]
    #[case::of_its_own_length(json!({"text": "Unauthorized", "size": 12}), "Unauthorized")]
    #[case::that_is_none(json!({"text": "<html>", "size": 6}), "<html>")]
    #[case::of_the_length_of_what_it_stands_for(json!({"text": "VW5h", "size": 3}), "Una")]
    #[case::of_another_length(json!({"text": "VW5h", "size": 2}), "Una")]
    fn a_word_may_be_no_base64(#[case] mut content: Value, #[case] expected: &str) {
        content["encoding"] = json!("base64");
        assert_eq!(body(&content, ""), Ok(expected.to_owned()));
    }

    #[rstest]
    #[case::another_encoding(json!({"text": "=C3", "encoding": "quoted-printable"}), "", "encoding")]
    #[case::no_base64(json!({"text": "!!!! %%%", "encoding": "base64"}), "", "base64")]
    #[case::a_word(json!({"text": "Unauthorized", "encoding": "base64"}), "", "base64")]
    #[case::a_cut_text(json!({"text": "{\"a\": 1", "encoding": "base64", "size": 250}), "", "base64")]
    #[case::a_cut_text_in_base64(json!({"text": "eyJhI", "encoding": "base64", "size": 250}), "", "in full")]
    #[case::cut_with_a_comment(json!({"text": "{}", "size": 250, "comment": "truncated"}), "", "in full")]
    #[case::cut_without_a_word(json!({"text": "{\"a\": 1", "size": 250}), "", "in full")]
    #[case::a_file(json!({"_file": "a.json"}), "", "separate file")]
    #[case::no_digits(json!({"text": "xy", "encoding": "hex"}), "", "hexadecimal")]
    #[case::another_coding(json!({"text": STANDARD.encode(b"\xff\xfe"), "encoding": "base64"}), "zstd", "Content-Encoding")]
    #[case::cut_off(json!({"text": STANDARD.encode(&gzip()[..20]), "encoding": "base64"}), "gzip", "Content-Encoding")]
    fn what_cannot_be_decoded_is_told(#[case] content: Value, #[case] coding: &str, #[case] told: &str) {
        let unseen = body(&content, coding).expect_err("it is not known");
        assert!(matches!(&unseen, Unseen::Undecodable(reason) if reason.contains(told)), "{unseen:?}");
    }

    #[rstest]
    #[case::a_size(json!({"size": 250}), -1, false)]
    #[case::an_unknown_size(json!({"size": -1}), 250, false)]
    #[case::no_size(json!({}), -1, false)]
    #[case::a_comment(json!({"size": 0, "comment": "not included"}), -1, false)]
    #[case::counted_otherwise(json!({"size": 250, "text": "{}"}), -1, true)]
    #[case::in_base64_with_too_much_padding(json!({"size": 2, "text": "e30===", "encoding": "base64"}), -1, true)]
    #[case::no_content(json!(null), 250, false)]
    #[case::an_empty_text_of_unknown_size(json!({"size": -1, "text": ""}), -1, false)]
    #[case::empty(json!({"size": 0}), -1, true)]
    #[case::an_empty_text(json!({"text": ""}), -1, true)]
    fn a_body_that_was_not_kept_is_none(#[case] content: Value, #[case] size: i64, #[case] is_known: bool) {
        let body = of_response(&content, Some(size), false, &[], &Beside::nothing());
        assert_eq!(body.is_ok(), is_known, "{body:?}");
        assert!(matches!(body, Ok(_) | Err(Unseen::NotKept(_))));
    }

    #[rstest]
    #[case::a_size(json!({"size": 7}), "")]
    #[case::a_text(json!({"text": "{}"}), "{}")]
    #[case::what_cannot_be_decoded(json!({"text": "%", "encoding": "base64"}), "")]
    #[case::a_file(json!({"_file": "a.json"}), "")]
    fn what_has_no_body_lacks_none(#[case] content: Value, #[case] expected: &str) {
        let body = of_response(&content, Some(7), true, &[], &Beside::nothing());
        assert_eq!(body, Ok(expected.as_bytes().to_vec()));
    }

    #[test]
    fn no_file_outside_of_the_folder_is_read() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let inner = folder.path().join("inner");
        std::fs::create_dir_all(inner.join("parts")).expect("a folder can be made");
        std::fs::write(folder.path().join("secret.txt"), "s").expect("it can be written");
        std::fs::write(inner.join("parts/a.json"), "{}").expect("it can be written");
        #[cfg(unix)]
        std::os::unix::fs::symlink("../secret.txt", inner.join("link")).expect("a link can be made");
        let beside = Beside::recording(&inner.join("a.har"));
        for name in ["parts/a.json", "./parts/a.json"] {
            assert_eq!(beside.read(name), Ok(b"{}".to_vec()));
        }
        let absolute = folder.path().join("secret.txt").display().to_string();
        for name in ["../secret.txt", "parts/../../secret.txt", &absolute, "link", "", "."] {
            assert!(beside.read(name).is_err(), "{name}");
        }
    }

    #[rstest]
    #[case::text(json!({"text": "{}"}), Some("{}"))]
    #[case::parameters(json!({"params": [{"name": "a", "value": "b c"}, {"name": "d"}]}), Some("a=b+c&d="))]
    #[case::nothing(json!({"mimeType": "application/json", "text": ""}), None)]
    fn a_request_has_a_body(#[case] data: Value, #[case] expected: Option<&str>) {
        let body = of_request(&data, &Beside::nothing());
        assert_eq!(body.as_deref(), expected.map(str::as_bytes));
    }
}
