//! Packs the suite into the binary: spec files, fixture accounts and snapshots, compressed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::Digest as _;

/// The folders that make the suite.
const FOLDERS: [&str; 3] = ["specs", "fixtures/accounts", "snapshots"];

fn main() -> io::Result<()> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let mut files = BTreeMap::new();
    for folder in FOLDERS {
        println!("cargo::rerun-if-changed={folder}");
        collect(&root.join(folder), folder, &mut files)?;
    }
    let out = fs::File::create(PathBuf::from(variable("OUT_DIR")).join("suite.tar.gz"))?;
    let mut archive = tar::Builder::new(GzEncoder::new(out, Compression::best()));
    // The digest of the suite without its snapshots, as `Files::digest` makes it.
    let mut hash = sha2::Sha256::new();
    let mut digested = BTreeMap::new();
    for (name, path) in &files {
        let bytes = fs::read(path)?;
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append_data(&mut header, name, bytes.as_slice())?;
        match (name.strip_prefix("specs/"), name.strip_prefix("fixtures/")) {
            (Some(below), _) => _ = digested.insert(below.to_owned(), bytes),
            (_, Some(_)) => _ = digested.insert(format!("../{name}"), bytes),
            _ => {}
        }
    }
    archive.into_inner()?.finish()?;
    for (name, bytes) in &digested {
        hash.update(format!("{name}\0{}\0", bytes.len()));
        hash.update(bytes);
    }
    let digest: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    println!("cargo::rustc-env=NEON_CONTRACT_SUITE_DIGEST={digest}");
    Ok(())
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// The files of a folder by name; what waits for review and what is hidden is none of the suite's.
fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if file_name.starts_with('.') || file_name.ends_with(".snap.new") {
            continue;
        }
        let name = format!("{prefix}/{file_name}");
        if path.is_dir() {
            collect(&path, &name, files)?;
        } else {
            files.insert(name, path);
        }
    }
    Ok(())
}
