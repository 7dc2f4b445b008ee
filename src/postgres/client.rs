//! A session with a server for those who do not speak the protocol themselves: it knows the password, and wants texts.

use std::io;
use std::path::Path;

use bytes::{Bytes, BytesMut};
use fallible_iterator::FallibleIterator as _;
use postgres_protocol::IsNull;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::backend::{ErrorFields, Header, Message};
use postgres_protocol::message::frontend;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use super::failure::Failure;
use super::front::{Startup, connect};

/// The tag and length of a message.
const HEADER: usize = 5;

/// A session whose password was accepted.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) stream: UnixStream,
    /// What the server has said that nobody has read yet.
    pub(super) unread: BytesMut,
}

/// A query does not go well.
#[derive(Debug)]
pub(super) enum QueryError {
    /// The server says so.
    Server(ServerError),
    /// The server says nothing.
    Io(io::Error),
}

/// An error as a server tells it: its fields by their letters.
#[derive(Debug, Clone, Default)]
pub(super) struct ServerError(pub(super) Vec<(char, String)>);

/// A column of a result.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) table: u32,
    pub(super) number: i16,
    pub(super) kind: u32,
    pub(super) size: i16,
    pub(super) modifier: i32,
}

/// What a query gives.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// `INSERT 0 1`.
    pub(super) tag: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Option<String>>>,
}

impl From<io::Error> for QueryError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Failure> for ServerError {
    fn from(failure: Failure) -> Self {
        Self(vec![('S', "FATAL".to_owned()), ('C', failure.code.to_owned()), ('M', failure.message)])
    }
}

impl ServerError {
    fn read(mut fields: ErrorFields<'_>) -> Self {
        let mut known = Vec::new();
        while let Ok(Some(field)) = fields.next() {
            known.push((field.type_() as char, String::from_utf8_lossy(field.value_bytes()).into_owned()));
        }
        Self(known)
    }

    /// The message that tells a client.
    pub(super) fn render(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (field, text) in &self.0 {
            body.extend(u8::try_from(*field).ok());
            body.extend_from_slice(text.as_bytes());
            body.push(0);
        }
        body.push(0);
        let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
        [b"E", &length.to_be_bytes()[..], &body].concat()
    }
}

impl Session {
    /// Opens a session, and proves the password by SCRAM.
    pub(super) async fn open(
        socket: &Path,
        startup: &Startup,
        password: &SecretString,
    ) -> Result<Self, QueryError> {
        let mut session = Self { stream: connect(socket).await?, unread: BytesMut::new() };
        session.stream.write_all(&startup.render()).await?;
        let mut scram = ScramSha256::new(password.expose_secret().as_bytes(), ChannelBinding::unsupported());
        let mut answer = BytesMut::new();
        loop {
            match session.read().await? {
                Message::AuthenticationOk => return Ok(session),
                Message::AuthenticationSasl(_) => {
                    frontend::sasl_initial_response(SCRAM_SHA_256, scram.message(), &mut answer)?;
                }
                Message::AuthenticationSaslContinue(body) => {
                    scram.update(body.data())?;
                    frontend::sasl_response(scram.message(), &mut answer)?;
                }
                Message::AuthenticationSaslFinal(body) => scram.finish(body.data())?,
                Message::ErrorResponse(body) => {
                    return Err(QueryError::Server(ServerError::read(body.fields())));
                }
                _ => {}
            }
            session.stream.write_all(&answer.split()).await?;
        }
    }

    async fn read(&mut self) -> io::Result<Message> {
        loop {
            if let Some(message) = Message::parse(&mut self.unread)? {
                return Ok(message);
            }
            if self.stream.read_buf(&mut self.unread).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Waits until the server is ready for the first query.
    pub(super) async fn ready(&mut self) -> Result<(), QueryError> {
        self.outcome().await.map(drop)
    }

    /// Runs one statement with its parameters, all of them texts; the server finds out their types.
    pub(super) async fn query(
        &mut self,
        statement: &str,
        parameters: &[Option<String>],
    ) -> Result<Outcome, QueryError> {
        let mut asked = BytesMut::new();
        frontend::parse("", statement, None, &mut asked)?;
        let bound = frontend::bind(
            "",
            "",
            None,
            parameters,
            |parameter, buffer| {
                Ok(match parameter {
                    Some(text) => {
                        buffer.extend_from_slice(text.as_bytes());
                        IsNull::No
                    }
                    None => IsNull::Yes,
                })
            },
            Some(0),
            &mut asked,
        );
        match bound {
            Err(frontend::BindError::Serialization(error)) => return Err(error.into()),
            Err(frontend::BindError::Conversion(error)) => return Err(io::Error::other(error).into()),
            Ok(()) => {}
        }
        frontend::describe(b'P', "", &mut asked)?;
        frontend::execute("", 0, &mut asked)?;
        frontend::sync(&mut asked);
        self.stream.write_all(&asked).await?;
        self.outcome().await
    }

    async fn outcome(&mut self) -> Result<Outcome, QueryError> {
        let mut outcome = Outcome::default();
        let mut failure = None;
        loop {
            let message = match (self.read().await, failure.take()) {
                // It has said why.
                (Err(_), Some(error)) => return Err(QueryError::Server(error)),
                (message, known) => {
                    failure = known;
                    message?
                }
            };
            match message {
                Message::RowDescription(body) => {
                    outcome.columns = body
                        .fields()
                        .map(|field| {
                            Ok(Column {
                                name: field.name().to_owned(),
                                table: field.table_oid(),
                                number: field.column_id(),
                                kind: field.type_oid(),
                                size: field.type_size(),
                                modifier: field.type_modifier(),
                            })
                        })
                        .collect()?;
                }
                Message::DataRow(body) => {
                    let text = |range: std::ops::Range<usize>| {
                        String::from_utf8_lossy(&body.buffer()[range]).into_owned()
                    };
                    outcome.rows.push(body.ranges().map(|range| Ok(range.map(text))).collect()?);
                }
                Message::CommandComplete(body) => body.tag()?.clone_into(&mut outcome.tag),
                Message::CopyInResponse(_) => {
                    let mut refused = BytesMut::new();
                    frontend::copy_fail("there is nothing to copy", &mut refused)?;
                    frontend::sync(&mut refused);
                    self.stream.write_all(&refused).await?;
                }
                Message::ErrorResponse(body) => failure = Some(ServerError::read(body.fields())),
                Message::ReadyForQuery(_) => {
                    return failure.map_or(Ok(outcome), |failure| Err(QueryError::Server(failure)));
                }
                _ => {}
            }
        }
    }
}

/// A message of a client after the first packet: its tag and its body.
pub(super) async fn read_message(
    stream: &mut (impl tokio::io::AsyncRead + Unpin),
    longest: usize,
) -> io::Result<(u8, Bytes)> {
    let mut head = [0; HEADER];
    stream.read_exact(&mut head).await?;
    let too_long = || io::Error::new(io::ErrorKind::InvalidData, "this is no message of PostgreSQL");
    let header = Header::parse(&head)?.ok_or_else(too_long)?;
    let length = usize::try_from(header.len()).ok().and_then(|length| length.checked_sub(4));
    let length = length.filter(|length| *length <= longest).ok_or_else(too_long)?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok((header.tag(), body.into()))
}
