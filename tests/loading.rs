//! Malformed spec files, each with its own diagnostic: `fixtures/malformed/NAME/` is laid over the project's suite.

use std::fs;
use std::path::{Path, PathBuf};

use miette::GraphicalTheme;
use neon_contract::plan::{Generation, Selection, plan};
use neon_contract::spec::{Files, Suite};
use rstest::rstest;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a folder, by path relative to it.
fn files(folder: &Path, prefix: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    entries
        .map(|entry| entry.expect("the entry can be read").path())
        .flat_map(|path| {
            let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
            if path.is_dir() {
                files(&path, &format!("{name}/"))
            } else {
                vec![(name, fs::read(&path).expect("the file can be read"))]
            }
        })
        .collect()
}

#[rstest]
fn a_malformed_file_is_told_where_and_what(
    #[files("fixtures/malformed/*")]
    #[dirs]
    folder: PathBuf,
) {
    // By a relative path: where the checkout is must not move the ends of the lines.
    let suite = Files::read(Path::new("specs")).expect("the specs can be read");
    let suite = files(&folder, "").into_iter().fold(suite, |suite, (path, bytes)| suite.with(&path, bytes));
    let diagnostics = Suite::from_files(&suite).expect_err("the file is malformed");
    let text = diagnostics.render(GraphicalTheme::unicode_nocolor());
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    insta::with_settings!({ snapshot_path => root().join("tests/snapshots/loading"), prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn there_are_at_least_twenty_kinds_of_mistake() {
    assert!(fs::read_dir(root().join("fixtures/malformed")).expect("it is there").count() >= 20);
}

#[test]
fn the_projects_own_suite_is_sound() {
    let suite = Suite::load(&root().join("specs")).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert!(suite.cases.len() >= 30, "{} cases", suite.cases.len());
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let mistakes = Suite::load(Path::new("no/such/folder")).expect_err("it is not there");
    assert!(mistakes.to_string().contains("omit `--specs`"), "{mistakes}");
}

#[rstest]
#[case::all_trials(None, None)]
#[case::that_case(Some("broken"), None)]
#[case::a_trial_of_its_matrix(Some("broken[a]"), None)]
#[case::a_case_whose_name_begins_like_it(Some("broken_more"), Some(&[][..]))]
#[case::another_case(Some("api-keys/created_key_works"), Some(&["api-keys/created_key_works"][..]))]
#[case::a_trial_of_another_matrix(
    Some("authentication/invalid_key_is_refused[getProject]"),
    Some(&["authentication/invalid_key_is_refused"][..])
)]
#[case::a_trial_of_no_case(Some("generated/getProject/absent"), Some(&[][..]))]
fn for_one_trial_a_broken_case_of_others_is_not_read(
    #[case] trial: Option<&str>,
    #[case] read: Option<&[&str]>,
) {
    let folder = tempfile::tempdir().expect("there is room");
    let own = ["specs/", "fixtures/"].into_iter().flat_map(|part| files(&root().join(part), part));
    for (path, bytes) in own.chain([("specs/cases/broken.yaml".to_owned(), b"stepz: []".to_vec())]) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
        fs::write(path, bytes).expect("it can be written");
    }
    let suite = Suite::load_with(&folder.path().join("specs").into(), None, trial).ok();
    let names: Option<Vec<&str>> =
        suite.as_ref().map(|suite| suite.cases.iter().map(|case| case.name.as_str()).collect());
    assert_eq!(names.as_deref(), read);
}

#[test]
fn one_trial_is_planned_of_its_case_alone_as_of_the_whole_suite() {
    let specs = root().join("specs");
    let read = |trial| {
        Suite::load_with(&specs.clone().into(), None, trial).unwrap_or_else(|mistakes| panic!("{mistakes}"))
    };
    let generation = Generation { at_most: Generation::DEFAULT, ..Generation::default() };
    let all = plan(&read(None), &Selection { generation: generation.clone(), ..Selection::default() });
    for trial in all.iter().step_by(131) {
        let filters = vec![trial.name.to_string()];
        let generation = generation.clone();
        let selection = Selection { filters, exact: true, generation, ..Selection::default() };
        let planned = plan(&read(Some(&trial.name)), &selection);
        let [planned] = &planned[..] else { panic!("{} is {} trials", trial.name, planned.len()) };
        assert_eq!(planned.name, trial.name);
        assert_eq!(planned.case.source.text(), trial.case.source.text());
    }
}
