//! A document from the network, fetched without any key.

use std::time::Duration;

use reqwest::Url;

use super::failure::cause;
use super::tls::Tls;

/// How long the whole of it may take.
const TIME: Duration = Duration::from_secs(60);

/// The largest document, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// A document could not be fetched.
#[derive(Debug, thiserror::Error)]
#[error("cannot fetch {address}: {reason}")]
pub struct FetchError {
    address: String,
    reason: String,
}

/// Whether a word is the address of something on the network.
#[must_use]
pub fn is_address(word: &str) -> bool {
    word.starts_with("http://") || word.starts_with("https://")
}

/// Fetches what is at an address; follows redirects.
///
/// # Errors
/// When it cannot be reached, answers with another status than 200, or is too large or too slow.
pub async fn fetch(address: &str) -> Result<Vec<u8>, FetchError> {
    let failed = |reason: String| FetchError { address: shown(address), reason };
    match tokio::time::timeout(TIME, get(address)).await {
        Ok(fetched) => fetched.map_err(failed),
        Err(_) => Err(failed(format!("it took longer than {}", humantime::format_duration(TIME)))),
    }
}

/// The address without what may be secret in it: a user's name and password, and the query.
#[must_use]
pub fn shown(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else { return address.to_owned() };
    // Both fail only for addresses that cannot have any.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

async fn get(address: &str) -> Result<Vec<u8>, String> {
    let tls = Tls::new(None).map_err(|error| error.to_string())?;
    let client = reqwest::Client::builder().user_agent(concat!("neon-contract/", env!("CARGO_PKG_VERSION")));
    let client = Tls::set_up(Some(&tls), client).build().map_err(cause)?;
    let mut answer = client.get(address).send().await.map_err(cause)?;
    if answer.status() != reqwest::StatusCode::OK {
        return Err(format!("it returned {}", answer.status()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(cause)? {
        if bytes.len() + chunk.len() > LARGEST {
            return Err(format!("it is larger than {LARGEST} bytes"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
