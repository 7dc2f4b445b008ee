//! The limit on the projects of a run on an account.

use tokio::sync::{Semaphore, SemaphorePermit};

/// Room for so many projects. One of them is shared by all trials that must be refused, where there is room for more than one.
#[derive(Debug)]
pub(super) struct Room {
    most: u32,
    left: Semaphore,
}

impl Room {
    pub(super) fn new(projects: u32) -> Self {
        let shared = u32::from(projects > 1);
        Self { most: projects, left: Semaphore::new((projects - shared.min(projects)) as usize) }
    }

    /// Returns `true` if trials share a project.
    pub(super) fn has_a_shared_one(&self) -> bool {
        self.most > 1
    }

    /// Waits until there is room for all projects of a trial: one that had only some of them might wait for others that do the same.
    ///
    /// # Errors
    /// If the limit is too low for the trial.
    pub(super) async fn take(&self, projects: usize) -> Result<SemaphorePermit<'_>, String> {
        let own = self.most - u32::from(self.has_a_shared_one());
        let projects = u32::try_from(projects).unwrap_or(u32::MAX);
        let too_many = || {
            let shared = if self.has_a_shared_one() { ", one of which is shared by trials" } else { "" };
            format!(
                "it needs {projects} projects of its own at once, but --max-projects allows {}{shared}",
                self.most
            )
        };
        if projects > own {
            return Err(too_many());
        }
        self.left.acquire_many(projects).await.map_err(|_| too_many())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, 0, true)]
    #[case(0, 1, false)]
    #[case(1, 1, true)]
    #[case(2, 1, true)]
    #[case(2, 2, false)]
    #[case(3, 2, true)]
    #[tokio::test]
    async fn there_is_room_or_never_will_be(
        #[case] most: u32,
        #[case] projects: usize,
        #[case] expected: bool,
    ) {
        let room = Room::new(most);
        assert_eq!(room.take(projects).await.is_ok(), expected);
        assert_eq!(room.take(projects).await.is_ok(), expected, "what was taken is given back");
    }
}
