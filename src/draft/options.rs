//! The options of curl, as far as they say what is sent; the rest is heard and let go.

use clap::{Arg, ArgAction, ArgMatches, Args as _, Command, FromArgMatches as _};

/// What says what is sent.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    urls: Vec<String>,
    #[arg(long = "url")]
    named_urls: Vec<String>,
    #[arg(short = 'X', long)]
    pub(super) request: Option<String>,
    #[arg(short = 'H', long = "header")]
    pub(super) headers: Vec<String>,
    #[arg(long, allow_hyphen_values = true)]
    pub(super) json: Vec<String>,
    #[arg(long = "oauth2-bearer")]
    pub(super) bearer: Option<String>,
    #[arg(short = 'b', long)]
    pub(super) cookie: Option<String>,
    #[arg(short = 'u', long)]
    pub(super) user: Option<String>,
    #[arg(long, allow_hyphen_values = true)]
    pub(super) url_query: Vec<String>,
    #[arg(short = 'G', long)]
    pub(super) get: bool,
    #[arg(short = 'I', long)]
    pub(super) head: bool,
    #[arg(short = 'g', long)]
    pub(super) globoff: bool,
    #[command(flatten)]
    data: DataOptions,
}

/// What goes into the body; it is joined in the order of the command line.
#[derive(Debug, clap::Args)]
struct DataOptions {
    #[arg(short = 'd', long = "data", visible_alias = "data-ascii", allow_hyphen_values = true)]
    data: Vec<String>,
    #[arg(long, allow_hyphen_values = true)]
    data_raw: Vec<String>,
    #[arg(long, allow_hyphen_values = true)]
    data_binary: Vec<String>,
    #[arg(long, allow_hyphen_values = true)]
    data_urlencode: Vec<String>,
}

/// A part of a body, and how curl takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Data {
    /// As it is, unless it names a file.
    Plain(String),
    /// As it is, whatever it begins with.
    Raw(String),
    /// Its content is percent-encoded.
    Encoded(String),
}

/// Options without a value that say nothing of the request: the letter, where there is one, and the name.
const FLAGS: [(Option<char>, &str); 34] = [
    (Some('s'), "silent"),
    (Some('S'), "show-error"),
    (Some('i'), "include"),
    (None, "show-headers"),
    (Some('v'), "verbose"),
    (Some('k'), "insecure"),
    (Some('L'), "location"),
    (None, "location-trusted"),
    (Some('f'), "fail"),
    (None, "fail-with-body"),
    (None, "fail-early"),
    (Some('N'), "no-buffer"),
    (Some('#'), "progress-bar"),
    (None, "no-progress-meter"),
    (None, "compressed"),
    (Some('0'), "http1.0"),
    (None, "http1.1"),
    (None, "http2"),
    (None, "http2-prior-knowledge"),
    (None, "http3"),
    (None, "tlsv1"),
    (None, "tlsv1.0"),
    (None, "tlsv1.1"),
    (None, "tlsv1.2"),
    (None, "tlsv1.3"),
    (Some('4'), "ipv4"),
    (Some('6'), "ipv6"),
    (None, "path-as-is"),
    (None, "no-keepalive"),
    (None, "tcp-nodelay"),
    (None, "retry-all-errors"),
    (None, "retry-connrefused"),
    (None, "styled-output"),
    (Some('O'), "remote-name"),
];

/// Options with a value that say nothing of the request that a case would send.
const VALUED: [(Option<char>, &str); 36] = [
    (Some('o'), "output"),
    (Some('w'), "write-out"),
    (Some('m'), "max-time"),
    (None, "connect-timeout"),
    (None, "retry"),
    (None, "retry-delay"),
    (None, "retry-max-time"),
    (Some('A'), "user-agent"),
    (Some('e'), "referer"),
    (Some('D'), "dump-header"),
    (Some('c'), "cookie-jar"),
    (Some('x'), "proxy"),
    (None, "noproxy"),
    (None, "cacert"),
    (None, "capath"),
    (Some('E'), "cert"),
    (None, "cert-type"),
    (None, "key"),
    (None, "key-type"),
    (None, "pinnedpubkey"),
    (None, "ciphers"),
    (None, "tls13-ciphers"),
    (None, "tls-max"),
    (None, "resolve"),
    (None, "connect-to"),
    (None, "dns-servers"),
    (None, "interface"),
    (None, "local-port"),
    (None, "unix-socket"),
    (None, "limit-rate"),
    (None, "max-filesize"),
    (None, "max-redirs"),
    (Some('Y'), "speed-limit"),
    (Some('y'), "speed-time"),
    (None, "stderr"),
    (None, "trace"),
];

impl Options {
    /// Reads the words that follow `curl`.
    ///
    /// # Errors
    /// What curl itself would refuse, and options that are not known here, in one line.
    pub(super) fn read(words: impl Iterator<Item = String>) -> Result<(Self, Vec<Data>), String> {
        let command = Command::new("curl")
            .no_binary_name(true)
            .disable_help_flag(true)
            .disable_version_flag(true)
            .args(FLAGS.map(|(letter, name)| heard(letter, name, ArgAction::Count)))
            .args(VALUED.map(|(letter, name)| heard(letter, name, ArgAction::Append)));
        let told = |error: clap::Error| {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            format!("{} (of the curl command)", line.trim_start_matches("error: "))
        };
        let matches = Self::augment_args(command).try_get_matches_from(words).map_err(told)?;
        let options = Self::from_arg_matches(&matches).map_err(told)?;
        let data = options.data.in_order(&matches);
        Ok((options, data))
    }

    /// All URLs that are named.
    pub(super) fn urls(&self) -> impl Iterator<Item = &String> {
        self.urls.iter().chain(&self.named_urls)
    }
}

fn heard(letter: Option<char>, name: &'static str, action: ArgAction) -> Arg {
    let arg = Arg::new(name).long(name).action(action).overrides_with(name);
    match letter {
        Some(letter) => arg.short(letter),
        None => arg,
    }
}

impl DataOptions {
    fn in_order(&self, matches: &ArgMatches) -> Vec<Data> {
        let part = |name: &str, values: &[String], kind: fn(String) -> Data| -> Vec<(usize, Data)> {
            let indices = matches.indices_of(name).into_iter().flatten();
            indices.zip(values).map(|(index, value)| (index, kind(value.clone()))).collect()
        };
        let mut parts = part("data", &self.data, Data::Plain);
        parts.extend(part("data_raw", &self.data_raw, Data::Raw));
        parts.extend(part("data_binary", &self.data_binary, Data::Plain));
        parts.extend(part("data_urlencode", &self.data_urlencode, Data::Encoded));
        parts.sort_by_key(|(index, _)| *index);
        parts.into_iter().map(|(_, data)| data).collect()
    }
}
