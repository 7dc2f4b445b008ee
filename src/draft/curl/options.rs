//! The options of curl, up to its release 8.17: which take a value, and what each says of the request. None is guessed.

/// What an option says of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Url,
    Method,
    Header,
    /// `@` names a file, which is read without its line breaks.
    Data,
    /// As it is.
    DataRaw,
    /// `@` names a file, which is read as it is.
    DataBinary,
    DataUrlencode,
    Json,
    UrlQuery,
    Get,
    Head,
    Bearer,
    Cookie,
    GlobOff,
    /// `user:password`.
    User,
    /// It is about the connection, or about what is shown.
    Nothing,
    /// It makes another request, which no case can send.
    Refused,
}

use Use::{
    Bearer, Cookie, Data, DataBinary, DataRaw, DataUrlencode, Get, GlobOff, Head, Header, Json, Method,
    Nothing, Refused, Url, UrlQuery, User,
};

/// Long names of options with a value, separated by blanks.
const WITH_A_VALUE: [(Use, &str); 15] = [
    (Url, "url"),
    (Method, "request"),
    (Header, "header"),
    (Data, "data data-ascii"),
    (DataRaw, "data-raw"),
    (DataBinary, "data-binary"),
    (DataUrlencode, "data-urlencode"),
    (Json, "json"),
    (UrlQuery, "url-query"),
    (Bearer, "oauth2-bearer"),
    (Cookie, "cookie"),
    (User, "user"),
    (
        Nothing,
        "abstract-unix-socket alt-svc cacert capath cert cert-type ciphers connect-timeout connect-to cookie-jar \
         create-file-mode crlfile curves delegation dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url \
         dump-header ech egd-file engine etag-save expect100-timeout happy-eyeballs-timeout-ms haproxy-clientip \
         hostpubmd5 hostpubsha256 hsts interface ip-tos ipfs-gateway keepalive-cnt keepalive-time key key-type krb \
         libcurl limit-rate local-port max-filesize max-redirs max-time noproxy output output-dir parallel-max \
         parallel-max-host pass pinnedpubkey preproxy proto proto-default proto-redir proxy proxy-cacert proxy-capath \
         proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type proxy-pass \
         proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser \
         proxy-user proxy1.0 pubkey random-file rate referer resolve retry retry-delay retry-max-time service-name \
         signature-algorithms socks4 socks4a socks5 socks5-gssapi-service socks5-hostname speed-limit speed-time stderr \
         tftp-blksize tls-max tls13-ciphers tlsauthtype tlspassword tlsuser trace trace-ascii trace-config unix-socket \
         user-agent vlan-priority write-out",
    ),
    (
        Refused,
        "aws-sigv4 config continue-at etag-compare form form-string ftp-account ftp-alternative-to-user ftp-method \
         ftp-port ftp-ssl-ccc-mode login-options mail-auth mail-from mail-rcpt netrc-file quote range request-target \
         sasl-authzid telnet-option time-cond upload-file variable",
    ),
    (
        Refused,
        "expand-data expand-header expand-json expand-output expand-request expand-url expand-url-query",
    ),
];

/// Long names of options without a value.
const FLAGS: [(Use, &str); 5] = [
    (Get, "get"),
    (Head, "head"),
    (GlobOff, "globoff"),
    (
        Nothing,
        "append basic ca-native cert-status compressed create-dirs disable disallow-username-in-url doh-cert-status \
         doh-insecure fail fail-early fail-with-body false-start follow http0.9 http1.0 http1.1 http2 \
         http2-prior-knowledge http3 http3-only include insecure ipv4 ipv6 junk-session-cookies keepalive location \
         location-trusted mptcp no-alpn no-buffer no-clobber no-keepalive no-npn no-progress-meter no-sessionid \
         out-null parallel parallel-immediate path-as-is post301 post302 post303 progress-bar progress-meter \
         proxy-anyauth proxy-basic proxy-ca-native proxy-digest proxy-http2 proxy-insecure proxy-negotiate proxy-ntlm \
         proxy-ssl-allow-beast proxy-ssl-auto-client-cert proxy-tlsv1 proxytunnel raw remote-header-name remote-name \
         remote-name-all remote-time remove-on-error retry-all-errors retry-connrefused sasl-ir show-error \
         show-headers silent skip-existing socks5-basic socks5-gssapi socks5-gssapi-nec ssl ssl-allow-beast \
         ssl-auto-client-cert ssl-no-revoke ssl-reqd ssl-revoke-best-effort sslv2 sslv3 styled-output \
         suppress-connect-headers tcp-fastopen tcp-nodelay tls-earlydata tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 \
         tr-encoding trace-ids trace-time verbose xattr",
    ),
    (
        Refused,
        "anyauth crlf digest disable-eprt disable-epsv form-escape ftp-create-dirs ftp-pasv ftp-pret ftp-skip-pasv-ip \
         ftp-ssl-ccc ftp-ssl-control haproxy-protocol help ignore-content-length list-only mail-rcpt-allowfails manual \
         metalink negotiate netrc netrc-optional next ntlm ntlm-wb tftp-no-options use-ascii version",
    ),
];

/// The letters of options, with their long names.
const LETTERS: [(char, &str); 59] = [
    ('#', "progress-bar"),
    (':', "next"),
    ('0', "http1.0"),
    ('1', "tlsv1"),
    ('2', "sslv2"),
    ('3', "sslv3"),
    ('4', "ipv4"),
    ('6', "ipv6"),
    ('a', "append"),
    ('A', "user-agent"),
    ('b', "cookie"),
    ('B', "use-ascii"),
    ('c', "cookie-jar"),
    ('C', "continue-at"),
    ('d', "data"),
    ('D', "dump-header"),
    ('e', "referer"),
    ('E', "cert"),
    ('f', "fail"),
    ('F', "form"),
    ('g', "globoff"),
    ('G', "get"),
    ('h', "help"),
    ('H', "header"),
    ('i', "include"),
    ('I', "head"),
    ('j', "junk-session-cookies"),
    ('J', "remote-header-name"),
    ('k', "insecure"),
    ('K', "config"),
    ('l', "list-only"),
    ('L', "location"),
    ('m', "max-time"),
    ('M', "manual"),
    ('n', "netrc"),
    ('N', "no-buffer"),
    ('o', "output"),
    ('O', "remote-name"),
    ('p', "proxytunnel"),
    ('P', "ftp-port"),
    ('q', "disable"),
    ('Q', "quote"),
    ('r', "range"),
    ('R', "remote-time"),
    ('s', "silent"),
    ('S', "show-error"),
    ('t', "telnet-option"),
    ('T', "upload-file"),
    ('u', "user"),
    ('U', "proxy-user"),
    ('v', "verbose"),
    ('V', "version"),
    ('w', "write-out"),
    ('x', "proxy"),
    ('X', "request"),
    ('y', "speed-time"),
    ('Y', "speed-limit"),
    ('z', "time-cond"),
    ('Z', "parallel"),
];

/// One option, or a word that is none: a URL.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) is: Use,
    /// As it is called, with its dashes.
    pub(super) name: String,
    pub(super) value: String,
}

/// The options of a command line.
///
/// # Errors
/// With what is wrong, where one is not known, or lacks its value.
pub(super) fn read(words: impl IntoIterator<Item = String>) -> Result<Vec<Given>, String> {
    let mut words = words.into_iter();
    let mut given = Vec::new();
    let mut is_over = false;
    while let Some(word) = words.next() {
        if is_over || !word.starts_with('-') || word == "-" {
            given.push(Given { is: Url, name: "--url".to_owned(), value: word });
        } else if word == "--" {
            is_over = true;
        } else if let Some(name) = word.strip_prefix("--") {
            let (name, joined) = match name.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (name, None),
            };
            given.push(long(name, joined, &mut words)?);
        } else {
            letters(&word[1..], &mut words, &mut given)?;
        }
    }
    Ok(given)
}

fn long(
    name: &str,
    joined: Option<String>,
    words: &mut impl Iterator<Item = String>,
) -> Result<Given, String> {
    let shown = format!("--{name}");
    if let Some(is) = find(&WITH_A_VALUE, name) {
        let value = joined.or_else(|| words.next()).ok_or_else(|| format!("`{shown}` requires a value"))?;
        return Ok(Given { is, name: shown, value });
    }
    let flag = find(&FLAGS, name).or_else(|| {
        // What can be turned on can be turned off.
        let is = find(&FLAGS, name.strip_prefix("no-")?)?;
        Some(if is == Refused { Nothing } else { is })
    });
    match (flag, joined) {
        // It is as if it were not there.
        (Some(_), None) if name.starts_with("no-") => {
            Ok(Given { is: Nothing, name: shown, value: String::new() })
        }
        (Some(is), None) => Ok(Given { is, name: shown, value: String::new() }),
        (Some(_), Some(_)) => Err(format!("`{shown}` takes no value")),
        (None, _) => Err(unknown(&shown)),
    }
}

/// Several letters in one word, of which the last may take the rest, or the next word.
fn letters(
    word: &str,
    words: &mut impl Iterator<Item = String>,
    given: &mut Vec<Given>,
) -> Result<(), String> {
    for (place, letter) in word.char_indices() {
        let shown = format!("-{letter}");
        let name = LETTERS.iter().find(|(known, _)| *known == letter).map_or("", |(_, name)| name);
        let rest = &word[place + letter.len_utf8()..];
        if let Some(is) = find(&WITH_A_VALUE, name) {
            let value = if rest.is_empty() { words.next() } else { Some(rest.to_owned()) };
            let value = value.ok_or_else(|| format!("`{shown}` requires a value"))?;
            given.push(Given { is, name: shown, value });
            return Ok(());
        }
        let is = find(&FLAGS, name).ok_or_else(|| unknown(&shown))?;
        given.push(Given { is, name: shown, value: String::new() });
    }
    Ok(())
}

fn find(table: &[(Use, &str)], name: &str) -> Option<Use> {
    if name.is_empty() {
        return None;
    }
    table.iter().find(|(_, names)| names.split(' ').any(|known| known == name)).map(|(is, _)| *is)
}

fn unknown(shown: &str) -> String {
    // What stands where an option is expected may be anything.
    let is_name =
        shown.len() < 40 && shown.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.#:".contains(&byte));
    let shown = if is_name { shown } else { "-…" };
    format!("unknown curl option `{shown}`; remove it unless it changes the request")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn told(line: &str) -> Result<Vec<(Use, String)>, String> {
        let given = read(line.split(' ').map(str::to_owned))?;
        Ok(given
            .into_iter()
            .filter(|given| given.is != Nothing)
            .map(|given| (given.is, given.value))
            .collect())
    }

    #[rstest]
    #[case::apart("-X PATCH --request PUT", &[(Method, "PATCH"), (Method, "PUT")])]
    #[case::joined("-XPATCH --request=PUT", &[(Method, "PATCH"), (Method, "PUT")])]
    #[case::several_letters("-sSkLXPATCH u", &[(Method, "PATCH"), (Url, "u")])]
    #[case::values_like_options("-d -X -H --url u", &[(Data, "-X"), (Header, "--url"), (Url, "u")])]
    #[case::after_the_end("-s -- -x", &[(Url, "-x")])]
    #[case::harmless("-o f -w %{http_code} --max-time 3 --http1.1 --no-compressed --cacert a u", &[(Url, "u")])]
    #[case::turned_off("--no-get --get u", &[(Get, ""), (Url, "u")])]
    fn options_are_read(#[case] line: &str, #[case] expected: &[(Use, &str)]) {
        let expected: Vec<(Use, String)> =
            expected.iter().map(|(is, value)| (*is, (*value).to_owned())).collect();
        assert_eq!(told(line), Ok(expected));
    }

    #[rstest]
    #[case("--datas x", "unknown curl option `--datas`")]
    #[case("--max 3", "unknown curl option `--max`")]
    #[case("-s7", "unknown curl option `-7`")]
    #[case("--get=x", "takes no value")]
    #[case("u -X", "`-X` requires a value")]
    #[case("--napi_0123456789", "unknown curl option `-…`")]
    fn what_is_not_known_is_not_guessed(#[case] line: &str, #[case] expected: &str) {
        let error = told(line).expect_err("it is refused");
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn each_letter_and_each_name_is_one_option() {
        let mut names: Vec<&str> =
            WITH_A_VALUE.iter().chain(&FLAGS).flat_map(|(_, names)| names.split(' ')).collect();
        for (letter, name) in LETTERS.iter().filter(|(_, name)| !name.is_empty()) {
            assert!(names.contains(name), "{letter} {name}");
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
