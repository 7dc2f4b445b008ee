//! The packets that open a connection, and the one that refuses it.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::postgres::failure::Failure;

/// The longest first packet, in bytes; as PostgreSQL has it.
const LONGEST: usize = 10_000;

const CANCEL: u32 = 80_877_102;
const TLS: u32 = 80_877_103;
const GSS: u32 = 80_877_104;

/// What a client opens a connection with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Packet {
    /// It asks for TLS.
    Tls,
    /// It asks for the encryption of GSSAPI.
    Gss,
    /// It wants a query of another connection cancelled; the packet.
    Cancel(Vec<u8>),
    /// It wants a session.
    Startup(Startup),
}

/// What a client says of the session that it wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Startup {
    version: u32,
    parameters: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Packet {
    /// Reads a packet; `None` where the client has gone away.
    pub(in super::super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Self>> {
        match stream.read_u8().await {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            first => Self::read_after(first?, stream).await.map(Some),
        }
    }

    /// Reads the rest of a packet.
    pub(super) async fn read_after(first: u8, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut length = [first, 0, 0, 0];
        stream.read_exact(&mut length[1..]).await?;
        let length = u32::from_be_bytes(length) as usize;
        if !(8..=LONGEST).contains(&length) {
            return Err(malformed());
        }
        let mut body = vec![0; length - 4];
        stream.read_exact(&mut body).await?;
        Self::parse(&body).ok_or_else(malformed)
    }

    /// A packet without its length.
    fn parse(body: &[u8]) -> Option<Self> {
        let (code, rest) = body.split_first_chunk::<4>()?;
        match u32::from_be_bytes(*code) {
            TLS => Some(Self::Tls),
            GSS => Some(Self::Gss),
            CANCEL => Some(Self::Cancel(with_length(body))),
            version if version >> 16 == 3 => {
                let parameters = parameters(rest)?;
                Some(Self::Startup(Startup { version, parameters }))
            }
            _ => None,
        }
    }
}

/// Names and values, each ended by a zero, and a zero at the end.
fn parameters(mut rest: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut parameters = Vec::new();
    loop {
        let name = text(&mut rest)?;
        if name.is_empty() {
            return rest.is_empty().then_some(parameters);
        }
        parameters.push((name, text(&mut rest)?));
    }
}

fn text(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let end = rest.iter().position(|byte| *byte == 0)?;
    let text = rest[..end].to_vec();
    *rest = &rest[end + 1..];
    Some(text)
}

fn with_length(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], body].concat()
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "this is no packet of PostgreSQL")
}

impl Startup {
    /// A session with these parameters.
    pub(in super::super) fn new(parameters: &[(&str, &str)]) -> Self {
        let bytes = |(name, value): &(&str, &str)| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
        Self { version: 3 << 16, parameters: parameters.iter().map(bytes).collect() }
    }

    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&[u8]> {
        self.parameters.iter().find(|(known, _)| known == name.as_bytes()).map(|(_, value)| value.as_slice())
    }

    /// Gives a parameter a value, or takes it out. One that stands twice, stands once then.
    pub(in super::super) fn set(&mut self, name: &str, value: Option<Vec<u8>>) {
        self.parameters.retain(|(known, _)| known != name.as_bytes());
        if let Some(value) = value {
            self.parameters.push((name.as_bytes().to_vec(), value));
        }
    }

    /// All values of a parameter.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let named = self.parameters.iter().filter(move |(known, _)| known == name.as_bytes());
        named.map(|(_, value)| value.as_slice())
    }

    /// The packet.
    pub(in super::super) fn render(&self) -> Vec<u8> {
        let mut body = self.version.to_be_bytes().to_vec();
        for text in self.parameters.iter().flat_map(|(name, value)| [name, value]) {
            body.extend_from_slice(text);
            body.push(0);
        }
        body.push(0);
        with_length(&body)
    }
}

/// The message that ends a connection with an error.
pub(super) fn refusal(failure: &Failure) -> Vec<u8> {
    let mut body = Vec::new();
    let fields = [(b'S', "FATAL"), (b'V', "FATAL"), (b'C', failure.code), (b'M', &failure.message)];
    for (field, text) in fields {
        body.push(field);
        body.extend(text.bytes().filter(|byte| *byte != 0));
        body.push(0);
    }
    body.push(0);
    [b"E", &with_length(&body)[..]].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> io::Result<Option<Packet>> {
        let mut bytes = bytes;
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it can be made");
        runtime.block_on(Packet::read(&mut bytes))
    }

    #[test]
    fn requests_are_told_apart() {
        let request = |code: u32| with_length(&code.to_be_bytes());
        assert_eq!(read(&request(TLS)).expect("it is one"), Some(Packet::Tls));
        assert_eq!(read(&request(GSS)).expect("it is one"), Some(Packet::Gss));
        assert_eq!(read(&[]).expect("nothing was sent"), None);
        for broken in [&b"GET / HTTP/1.1\r\n"[..], &[0, 0, 0, 4], &[0, 0, 0, 8, 0, 2, 0, 0], &[0, 0]] {
            assert!(!matches!(read(broken), Ok(Some(_))), "{broken:?}");
        }
    }

    proptest! {
        #[test]
        fn a_startup_packet_is_written_as_it_was_read(
            parameters in prop::collection::vec(("[a-z_.]{1,12}", "[^\0]{0,40}"), 0..8),
            minor in 0..3u32,
        ) {
            let bytes = |(name, value): (String, String)| (name.into_bytes(), value.into_bytes());
            let parameters = parameters.into_iter().map(bytes).collect();
            let startup = Startup { version: 3 << 16 | minor, parameters };
            prop_assert_eq!(read(&startup.render()).expect("it is one"), Some(Packet::Startup(startup)));
        }

        #[test]
        fn nothing_makes_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&with_length(&bytes));
            let _ = read(&bytes);
        }
    }
}
