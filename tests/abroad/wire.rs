//! HTTP/1.1 as bytes: what a library would spell one way is spelled here as the style says.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::style::{Style, Switch};

pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(move |(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    fn says(&self, name: &str, word: &str) -> bool {
        self.all(name).any(|value| value.to_ascii_lowercase().contains(word))
    }

    pub(crate) fn asks_to_close(&self) -> bool {
        self.says("connection", "close")
    }

    pub(crate) fn takes_gzip(&self) -> bool {
        self.says("accept-encoding", "gzip")
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<String>,
}

/// The next request of a connection; none where it has ended.
pub(crate) fn read(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let first = line(reader)?;
    let mut words = first.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let mut request = Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    loop {
        let header = line(reader)?;
        let Some((name, value)) = header.split_once(':') else { break };
        request.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = request.all("content-length").next().and_then(|length| length.parse().ok());
    if request.says("transfer-encoding", "chunked") {
        request.body = chunks(reader)?;
    } else if let Some(length) = length {
        request.body = vec![0; length];
        reader.read_exact(&mut request.body)?;
    }
    Ok(Some(request))
}

fn line(reader: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.read_until(b'\n', &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned())
}

fn chunks(reader: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = usize::from_str_radix(line(reader)?.trim(), 16).map_err(io::Error::other)?;
        let start = body.len();
        body.resize(start + size, 0);
        reader.read_exact(&mut body[start..])?;
        line(reader)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

/// Writes the answer in the style's framing and spelling.
pub(crate) fn write(
    stream: &mut TcpStream,
    answer: Answer,
    request: &Request,
    style: &Style,
    closes: bool,
) -> io::Result<()> {
    let mut headers = answer.headers;
    let mut body = answer.body.map(String::into_bytes);
    if let Some(plain) = body.as_mut() {
        if style.has(Switch::MediaTypeSpelled) {
            headers.push(("Content-Type", "Application/JSON;charset=\"UTF-8\"".to_owned()));
        } else if style.has(Switch::ProblemErrors)
            && answer.status >= 400
            && !request.target.starts_with("/api/v1")
        {
            headers.push(("Content-Type", "application/problem+json".to_owned()));
        } else {
            headers.push(("Content-Type", "application/json".to_owned()));
        }
        let several = style.has(Switch::GzipMembers);
        if (several || style.has(Switch::Gzip)) && request.takes_gzip() {
            headers.push(("Content-Encoding", if several { "X-Gzip" } else { "gzip" }.to_owned()));
            *plain = gzip(plain, if several { 2 } else { 1 })?;
        }
    } else if answer.status == 204 && style.has(Switch::TypeOnNoContent) {
        headers.push(("Content-Type", "application/json".to_owned()));
    }
    if closes {
        headers.push(("Connection", "close".to_owned()));
    }
    if style.has(Switch::ExtraHeaders) {
        headers.push(("Strict-Transport-Security", "max-age=1".to_owned()));
        headers.push(("Vary", "Origin, Accept-Encoding".to_owned()));
        headers.push(("Cf-Ray", "8f0-XYZ".to_owned()));
        headers.push(("X-Empty", String::new()));
    }
    if style.has(Switch::ManyHeaders) {
        headers.extend((0..120).map(|number| ("X-Trace", format!("hop-{number}"))));
    }
    let is_chunked = style.has(Switch::Chunked) && body.is_some();
    if is_chunked {
        headers.push(("Transfer-Encoding", "chunked".to_owned()));
    } else if let Some(body) = &body {
        headers.push(("Content-Length", body.len().to_string()));
    }
    let reason = if style.has(Switch::NoReason) { "" } else { "Said" };
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", answer.status);
    for (name, value) in headers {
        let name = if style.has(Switch::UpperHeaders) {
            name.to_uppercase()
        } else if style.has(Switch::LowerHeaders) {
            name.to_lowercase()
        } else {
            name.to_owned()
        };
        write!(head, "{name}: {value}\r\n").map_err(io::Error::other)?;
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    if request.method != "HEAD" {
        match body {
            Some(body) if is_chunked => {
                for chunk in body.chunks(1000) {
                    bytes.extend(format!("{:X};part=yes\r\n", chunk.len()).into_bytes());
                    bytes.extend(chunk);
                    bytes.extend(b"\r\n");
                }
                bytes.extend(b"0\r\n\r\n");
            }
            Some(body) => bytes.extend(body),
            None => {}
        }
    }
    stream.write_all(&bytes)
}

fn gzip(plain: &[u8], members: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for part in plain.chunks(plain.len().div_ceil(members).max(1)) {
        let mut encoder = GzEncoder::new(bytes, Compression::fast());
        encoder.write_all(part)?;
        bytes = encoder.finish()?;
    }
    Ok(bytes)
}
