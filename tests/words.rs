//! Words that users do not meet: the dialect that this project once wrote in, and what to write instead.

use std::fs;
use std::path::{Path, PathBuf};

use neon_contract::judge::CHECKS;
use neon_contract::spec::Suite;
use rstest::rstest;

/// Each word or phrase that is out, in lower case, with the reason.
const OUT: [(&str, &str); 24] = [
    ("told", "say what happens: report, print, show"),
    ("tells", "say what happens: reports, prints, shows"),
    ("so many", "use a number: N, the number of, up to N"),
    ("so often", "use a number: N times"),
    ("comes to be", "use a verb: is created"),
    ("come about", "use a verb: occur"),
    ("but for", "write: except for"),
    ("anew", "write: again"),
    ("bears", "write: has, contains"),
    ("beside", "write: next to, together with, compared with"),
    ("is none", "name it: is not a ledger"),
    ("this is no", "write: not a"),
    ("which is no", "write: which is not a"),
    ("stands", "write: is"),
    ("begun", "write: started"),
    ("to see it again", "write: to reproduce"),
    ("nothing to look at", "write: not exercised"),
    ("looks at", "write: examines, reads"),
    ("names them all", "write: lists all, run ... for a list"),
    ("said to lack", "write: declared absent"),
    ("sent again", "write: retried"),
    ("in vain", "say which request matched no operation"),
    ("mistake", "write: error"),
    ("answered with", "write: returned, got"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The words that are out in a text, with their reasons.
fn found(text: &str) -> Vec<(&'static str, &'static str)> {
    // Only letters count, so that a phrase is found across a line break and next to punctuation; the names in `{braces}` do not.
    let mut is_name = false;
    let lower = text.to_lowercase();
    let letters = lower.chars().map(|character| {
        is_name = (is_name || character == '{') && character != '}';
        if character.is_alphanumeric() && !is_name { character } else { ' ' }
    });
    let letters: String = letters.collect();
    let words: Vec<&str> = letters.split_whitespace().collect();
    let text = format!(" {} ", words.join(" "));
    OUT.into_iter().filter(|(word, _)| text.contains(&format!(" {word} "))).collect()
}

/// Panics with every text of a place that has a word that is out.
fn check(place: &str, texts: impl IntoIterator<Item = String>) {
    let mut wrong = Vec::new();
    let mut count = 0;
    for text in texts {
        count += 1;
        wrong.extend(found(&text).into_iter().map(|(word, why)| format!("`{word}` ({why}) in: {text}")));
    }
    assert!(count > 0, "{place}: no text was found");
    assert!(wrong.is_empty(), "{place}:\n{}", wrong.join("\n"));
}

/// The files with this ending below a folder of the project.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("the entry can be read").path());
    let below = |path: PathBuf| if path.is_dir() { files(&path, ending) } else { vec![path] };
    paths.flat_map(below).filter(|path| path.extension().is_some_and(|found| found == ending)).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The string literals of a source file, without those of comments and tests.
fn literals(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n").replace("'\"'", "");
    let mut literals = Vec::new();
    let mut rest = code.as_str();
    while let Some(start) = rest.find('"') {
        let literal = &rest[start + 1..];
        let mut is_escaped = false;
        let end = literal.find(|character| {
            let is_end = character == '"' && !is_escaped;
            is_escaped = character == '\\' && !is_escaped;
            is_end
        });
        let Some(end) = end else { break };
        literals.push(literal[..end].replace("\\n", " "));
        rest = &literal[end + 1..];
    }
    literals
}

#[test]
fn help_is_in_plain_english() {
    check("the help", files(&root().join("tests/snapshots/help"), "snap").iter().map(|path| read(path)));
}

#[test]
fn requirements_are_in_plain_english() {
    let suite = Suite::load(&root().join("specs")).unwrap_or_else(|errors| panic!("{errors}"));
    check("the requirements", suite.requirements.values().map(|requirement| requirement.statement.clone()));
}

#[test]
fn checks_are_in_plain_english() {
    check("the checks", CHECKS.iter().map(|check| check.summary.to_owned()));
}

#[rstest]
#[case("src/cli")]
#[case("src/report")]
#[case("src/runner")]
fn messages_are_in_plain_english(#[case] folder: &str) {
    let sources = files(&root().join(folder), "rs");
    check(folder, sources.iter().flat_map(|path| literals(&read(path))));
}

#[rstest]
#[case("error: this is no key", &["this is no"])]
#[case("Told,\nand so\nmany", &["told", "so many"])]
#[case("is not, is nothing, outstanding, {told}", &[])]
fn a_word_is_found_whole(#[case] text: &str, #[case] words: &[&str]) {
    let found: Vec<&str> = found(text).into_iter().map(|(word, _)| word).collect();
    assert_eq!(found, words);
}

#[test]
fn literals_are_found_and_comments_are_not() {
    let source = "// \"a\"\nf(\"b \\\" c\", '\"', \"d\\ne\");\n#[cfg(test)]\nmod tests { \"f\" }";
    assert_eq!(literals(source), ["b \\\" c", "d e"]);
}
