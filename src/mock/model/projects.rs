//! The projects of an account, many thousands of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use jiff::Timestamp;
use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};

use super::project::Project;
use crate::mock::ids::Ids;

/// The names of so many projects, by age, are searched as one text.
const BLOCK: u64 = 256;

/// Projects in the order of their creation, found by id at once.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::mock) struct Projects {
    by_age: BTreeMap<u64, Project>,
    age_of: HashMap<String, u64>,
    /// Projects that were removed: they can be recovered, and cursors still know them.
    removed: HashMap<String, (u64, Project)>,
    next: u64,
    /// For each block of ages: see [`Projects::names_in`].
    #[serde(skip)]
    names: Vec<OnceLock<String>>,
}

impl Projects {
    pub(in crate::mock) fn insert(&mut self, project: Project) -> &mut Project {
        self.next += 1;
        self.age_of.insert(project.id.clone(), self.next);
        self.forget(self.next);
        self.by_age.entry(self.next).or_insert(project)
    }

    /// An id that no project here has or had.
    pub(super) fn new_id(&self, ids: &mut Ids) -> String {
        loop {
            let id = ids.project();
            if !self.age_of.contains_key(&id) && !self.removed.contains_key(&id) {
                return id;
            }
        }
    }

    pub(in crate::mock) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Project> {
        self.names.clear();
        self.forget(self.next);
        self.by_age.values_mut()
    }

    /// Those that were removed as well.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Project> {
        let removed = self.removed.values_mut().map(|(_, project)| project);
        self.by_age.values_mut().chain(removed)
    }

    pub(in crate::mock) fn get(&self, id: &str) -> Option<&Project> {
        self.by_age.get(self.age_of.get(id)?)
    }

    pub(in crate::mock) fn get_mut(&mut self, id: &str) -> Option<&mut Project> {
        let age = *self.age_of.get(id)?;
        self.forget(age);
        self.by_age.get_mut(&age)
    }

    pub(in crate::mock) fn iter(&self) -> impl Iterator<Item = &Project> {
        self.by_age.values()
    }

    /// Takes a project out; its children stay with it, to be recovered.
    pub(in crate::mock) fn remove(&mut self, id: &str, now: Timestamp) -> Option<&Project> {
        let age = self.age_of.remove(id)?;
        let mut project = self.by_age.remove(&age)?;
        project.removed_at = Some(now);
        let (_, project) = self.removed.entry(id.to_owned()).or_insert((age, project));
        Some(project)
    }

    /// Takes a project out for good: it goes to another account.
    pub(super) fn take(&mut self, id: &str) -> Option<Project> {
        let age = self.age_of.remove(id)?;
        self.forget(age);
        self.by_age.remove(&age)
    }

    /// How many there are.
    pub(in crate::mock) fn len(&self) -> usize {
        self.by_age.len()
    }

    /// Puts a removed project back to where it was.
    pub(in crate::mock) fn recover(&mut self, id: &str) -> Option<&mut Project> {
        let (age, mut project) = self.removed.remove(id)?;
        project.removed_at = None;
        self.age_of.insert(id.to_owned(), age);
        self.forget(age);
        Some(self.by_age.entry(age).or_insert(project))
    }

    /// A project that was removed.
    pub(in crate::mock) fn removed(&self, id: &str) -> Option<&Project> {
        self.removed.get(id).map(|(_, project)| project)
    }

    /// All that were removed, oldest first.
    pub(in crate::mock) fn all_removed(&self) -> Vec<&Project> {
        let mut removed: Vec<&(u64, Project)> = self.removed.values().collect();
        removed.sort_by_key(|(age, _)| *age);
        removed.into_iter().map(|(_, project)| project).collect()
    }

    /// The projects after one that have a text in their id or name, whatever its case, oldest first; from the first where there
    /// is no cursor. A cursor may name a project that was removed meanwhile. `None` where it never named one.
    pub(in crate::mock) fn after(
        &self,
        cursor: Option<&str>,
        search: &str,
    ) -> Option<impl Iterator<Item = &Project>> {
        let from = match cursor {
            None => 0,
            Some(id) => *self.age_of.get(id).or_else(|| self.removed.get(id).map(|(age, _)| age))? + 1,
        };
        let search = search.to_lowercase();
        let finder = Finder::new(&search).into_owned();
        let may_have = move |block: &u64| {
            finder.needle().is_empty() || finder.find(self.names_in(*block).as_bytes()).is_some()
        };
        let in_block = move |block: u64| {
            let ages = from.max(block * BLOCK)..(block + 1) * BLOCK;
            self.by_age.range(ages).map(|(_, project)| project)
        };
        let has = move |project: &&Project| {
            search.is_empty()
                || project.id.to_lowercase().contains(&search)
                || project.name.to_lowercase().contains(&search)
        };
        Some((from / BLOCK..=self.next / BLOCK).filter(may_have).flat_map(in_block).filter(has))
    }

    /// The ids and names in a block of ages, in lower case.
    fn names_in(&self, block: u64) -> Cow<'_, str> {
        let read = || {
            let projects = self.by_age.range(block * BLOCK..(block + 1) * BLOCK);
            projects
                .map(|(_, project)| format!("{}\n{}\n", project.id, project.name).to_lowercase())
                .collect()
        };
        let known = usize::try_from(block).ok().and_then(|block| self.names.get(block));
        known.map_or_else(|| Cow::Owned(read()), |names| Cow::Borrowed(names.get_or_init(read).as_str()))
    }

    /// What was known of the names around a project may be true no more.
    fn forget(&mut self, age: u64) {
        let block = usize::try_from(age / BLOCK).unwrap_or(usize::MAX);
        if self.names.len() <= block {
            self.names.resize_with(block + 1, OnceLock::new);
        }
        self.names[block] = OnceLock::new();
    }
}

#[cfg(test)]
mod tests {
    use rstest::{fixture, rstest};

    use super::*;
    use crate::mock::model::NewProject;

    #[fixture]
    fn projects() -> Projects {
        let mut projects = Projects::default();
        let mut ids = Ids::new(1);
        for number in 0..1000 {
            let new = NewProject { name: Some(format!("Name {number}")), ..NewProject::default() };
            let id = projects.new_id(&mut ids);
            projects.insert(Project::create(id, new, &mut ids, &mut 0, Timestamp::UNIX_EPOCH));
        }
        projects
    }

    fn names(projects: &Projects, cursor: Option<&str>, search: &str) -> Vec<String> {
        let found = projects.after(cursor, search).expect("the cursor names a project");
        found.map(|project| project.name.clone()).collect()
    }

    #[rstest]
    fn a_search_finds_what_a_scan_does(projects: Projects) {
        assert_eq!(names(&projects, None, "").len(), 1000);
        assert_eq!(
            names(&projects, None, "NAME 99"),
            [
                "Name 99", "Name 990", "Name 991", "Name 992", "Name 993", "Name 994", "Name 995",
                "Name 996", "Name 997", "Name 998", "Name 999"
            ]
        );
        let some = projects.iter().nth(995).expect("there are a thousand");
        assert_eq!(
            names(&projects, Some(&some.id), "name 99"),
            ["Name 996", "Name 997", "Name 998", "Name 999"]
        );
        assert_eq!(names(&projects, None, &some.id), ["Name 995"]);
        assert_eq!(names(&projects, None, "name\n"), [""; 0]);
    }

    #[rstest]
    fn a_search_sees_what_has_changed(mut projects: Projects) {
        assert_eq!(names(&projects, None, "other"), [""; 0]);
        let id = projects.iter().nth(500).expect("there are a thousand").id.clone();
        "Another".clone_into(&mut projects.get_mut(&id).expect("it is there").name);
        assert_eq!(names(&projects, None, "other"), ["Another"]);
        projects.remove(&id, Timestamp::UNIX_EPOCH);
        assert_eq!(names(&projects, None, "other"), [""; 0]);
        projects.recover(&id);
        assert_eq!(names(&projects, None, "other"), ["Another"]);
    }

    #[rstest]
    fn a_search_works_in_what_was_read_from_a_file(projects: Projects) {
        let kept = serde_json::to_string(&projects).expect("it can be kept");
        let projects: Projects = serde_json::from_str(&kept).expect("it can be read");
        assert_eq!(names(&projects, None, "name 500"), ["Name 500"]);
    }
}
