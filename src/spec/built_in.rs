//! The suite in the binary: the spec files, fixture accounts and snapshots of this version.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::OnceLock;

use flate2::read::GzDecoder;

static ARCHIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/suite.tar.gz"));

/// The name by which a suite extends the one in the binary, and by which its files are shown.
pub(crate) const NAME: &str = "built-in";

/// The digest of its spec files, as a suite in a folder has one.
pub const DIGEST: &str = env!("NEON_CONTRACT_SUITE_DIGEST");

/// The files, by path from the root of the package: `specs/suite.yaml`.
pub(crate) fn files() -> &'static BTreeMap<String, Vec<u8>> {
    static FILES: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
    FILES.get_or_init(|| unpack().unwrap_or_else(|error| panic!("the binary is damaged: {error}")))
}

fn unpack() -> std::io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(GzDecoder::new(ARCHIVE)).entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.insert(name, bytes);
    }
    Ok(files)
}

/// The snapshots, by name: `projects/life_of_a_project.snap`.
pub(crate) fn snapshots() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    let all = files().iter();
    all.filter_map(|(path, bytes)| Some((path.strip_prefix("snapshots/")?, bytes.as_slice())))
}

/// One snapshot.
pub(crate) fn snapshot(name: &str) -> Option<&'static [u8]> {
    files().get(&format!("snapshots/{name}")).map(Vec::as_slice)
}
