//! Which file needs which: no circles, and nothing below needs what is above it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use rstest::rstest;
use syn::visit::{self, Visit};
use syn::{Attribute, ItemMod, ItemUse, UseTree, Visibility};

/// What runs and tells; all that is below can be used without it.
const ABOVE: [&str; 5] = ["runner", "report", "cli", "audit", "explore"];

/// What is below.
const BELOW: [&str; 9] =
    ["judge", "mock", "postgres", "result", "secret", "snapshot", "spec", "target", "exchange"];

/// A module, by its path in the crate.
type Module = Vec<String>;

/// The modules that each module needs.
type Needs = BTreeMap<Module, BTreeSet<Module>>;

#[test]
fn no_file_needs_one_that_needs_it() {
    assert_eq!(shown(&circles(&needs(&sources()))), [] as [String; 0]);
}

#[test]
fn nothing_below_needs_what_is_above_it() {
    assert_eq!(shown(&upward(&needs(&sources()))), [] as [String; 0]);
}

#[rstest]
#[case::of_two(&[("a", "use crate::b::B;"), ("b", "use super::a::A;")], &["a -> b", "b -> a"])]
#[case::of_three(&[("a", "use crate::b::B;"), ("b", "use crate::c;"), ("c", "fn f() { crate::a::g() }")], &["a -> b", "b -> c", "c -> a"])]
#[case::by_another_name(&[("a", "use crate::c::B;"), ("b", "use crate::a::A;"), ("c", "pub(crate) use crate::b::B;")], &["a -> b", "b -> a"])]
#[case::with_a_child(&[("a", "mod b; use b::B;"), ("a::b", "use super::A;")], &[])]
#[case::one_way(&[("a", "use crate::b::B;"), ("b", "use std::fmt;"), ("c", "use crate::{a::A, b};")], &[])]
#[case::in_a_test_only(&[("a", "use crate::b::B;"), ("b", "#[cfg(test)] mod tests { use crate::a::A; }")], &[])]
fn a_circle_is_found(#[case] files: &[(&str, &str)], #[case] expected: &[&str]) {
    assert_eq!(shown(&circles(&needs(&named(files)))), expected);
}

#[rstest]
#[case::upward(&[("judge::a", "use crate::report::R;"), ("report", "")], &["judge::a -> report"])]
#[case::in_passing(&[("spec", "fn f(_: crate::runner::R) {}"), ("runner", "")], &["spec -> runner"])]
#[case::downward(&[("report", "use crate::judge::J;"), ("judge", "")], &[])]
fn an_arrow_that_leads_up_is_found(#[case] files: &[(&str, &str)], #[case] expected: &[&str]) {
    assert_eq!(shown(&upward(&needs(&named(files)))), expected);
}

fn named(files: &[(&str, &str)]) -> BTreeMap<Module, String> {
    let module = |path: &str| path.split("::").map(str::to_owned).collect();
    files.iter().map(|(path, text)| (module(path), (*text).to_owned())).collect()
}

/// The text of each module of the crate.
fn sources() -> BTreeMap<Module, String> {
    fn read(folder: &Path, module: &Module, found: &mut BTreeMap<Module, String>) {
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
            let below = [&module[..], std::slice::from_ref(&name)].concat();
            if path.is_dir() {
                read(&path, &below, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") && name != "lib" {
                let text = fs::read_to_string(&path).expect("the file can be read");
                found.insert(if name == "mod" { module.clone() } else { below }, text);
            }
        }
    }
    let mut found = BTreeMap::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &Module::new(), &mut found);
    found
}

/// The paths that a file names.
#[derive(Default)]
struct Named {
    paths: Vec<Vec<String>>,
    /// What it gives another home, by its name there.
    given: BTreeMap<String, Vec<String>>,
}

impl Visit<'_> for Named {
    fn visit_item_mod(&mut self, module: &ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, item: &ItemUse) {
        if is_for_tests(&item.attrs) {
            return;
        }
        let mut leaves = Vec::new();
        take_apart(&item.tree, &mut Vec::new(), &mut leaves);
        for (name, path) in leaves {
            if matches!(item.vis, Visibility::Inherited) {
                self.paths.push(path);
            } else {
                self.given.insert(name, path);
            }
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let words: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if words.len() > 1 {
            self.paths.push(words);
        }
        visit::visit_path(self, path);
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

/// What a `use` names: each by its new name and its path.
fn take_apart(tree: &UseTree, above: &mut Vec<String>, leaves: &mut Vec<(String, Vec<String>)>) {
    match tree {
        UseTree::Path(path) => {
            above.push(path.ident.to_string());
            take_apart(&path.tree, above, leaves);
            above.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| take_apart(tree, above, leaves)),
        UseTree::Name(name) if name.ident == "self" => {
            leaves.push((above.last().cloned().unwrap_or_default(), above.clone()));
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            leaves.push((name.clone(), [&above[..], &[name]].concat()));
        }
        UseTree::Rename(renamed) => {
            let path = [&above[..], &[renamed.ident.to_string()]].concat();
            leaves.push((renamed.rename.to_string(), path));
        }
        UseTree::Glob(_) => leaves.push((String::new(), above.clone())),
    }
}

fn needs(sources: &BTreeMap<Module, String>) -> Needs {
    let read = |text: &String| {
        let mut named = Named::default();
        named.visit_file(&syn::parse_file(text).expect("it is Rust"));
        named
    };
    let files: BTreeMap<&Module, Named> = sources.iter().map(|(module, text)| (module, read(text))).collect();
    let of = |(module, named): (&&Module, &Named)| {
        let homes = named.paths.iter().filter_map(|path| home(module, path, &files));
        let needed: BTreeSet<Module> = homes.filter(|home| !are_related(module, home)).collect();
        ((*module).clone(), needed)
    };
    files.iter().map(of).collect()
}

/// Parent and child are one room.
fn are_related(one: &Module, other: &Module) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// The module in which what a path leads to is written down.
fn home(from: &Module, path: &[String], files: &BTreeMap<&Module, Named>) -> Option<Module> {
    let (mut at, mut rest) = match path.first()?.as_str() {
        "crate" | "neon_contract" => (Module::new(), &path[1..]),
        "self" => (from.clone(), &path[1..]),
        "super" => {
            let up = path.iter().take_while(|word| *word == "super").count();
            (from[..from.len().checked_sub(up)?].to_vec(), &path[up..])
        }
        first if files.contains_key(&[&from[..], &[first.to_owned()]].concat()) => (from.clone(), path),
        _ => return None,
    };
    while let Some((word, below)) = rest.split_first() {
        let child = [&at[..], std::slice::from_ref(word)].concat();
        if files.contains_key(&child) {
            (at, rest) = (child, below);
        } else if let Some(given) = files.get(&at).and_then(|named| named.given.get(word)) {
            return home(&at, given, files);
        } else {
            break;
        }
    }
    (!at.is_empty()).then_some(at)
}

/// All that is part of a circle, or lies between two.
fn circles(needs: &Needs) -> Needs {
    let mut left = needs.clone();
    loop {
        let needed: BTreeSet<Module> = left.values().flatten().cloned().collect();
        let is_inner =
            |module: &Module, needs: &BTreeSet<Module>| !needs.is_empty() && needed.contains(module);
        let before = left.len();
        left.retain(|module, needs| is_inner(module, needs));
        let kept: BTreeSet<Module> = left.keys().cloned().collect();
        for needs in left.values_mut() {
            needs.retain(|module| kept.contains(module));
        }
        if left.len() == before {
            return left;
        }
    }
}

fn upward(needs: &Needs) -> Needs {
    let is_of =
        |module: &Module, rooms: &[&str]| module.first().is_some_and(|room| rooms.contains(&room.as_str()));
    let leads_up =
        |needs: &BTreeSet<Module>| needs.iter().filter(|need| is_of(need, &ABOVE)).cloned().collect();
    let below = needs.iter().filter(|(module, _)| is_of(module, &BELOW));
    below.map(|(module, needs)| (module.clone(), leads_up(needs))).collect()
}

fn shown(needs: &Needs) -> Vec<String> {
    let of = |(module, needs): (&Module, &BTreeSet<Module>)| -> Vec<String> {
        needs.iter().map(|need| format!("{} -> {}", module.join("::"), need.join("::"))).collect()
    };
    needs.iter().flat_map(of).collect()
}
