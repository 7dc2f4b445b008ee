//! What others of the same account do meanwhile.

use serde_json::json;

use super::{keys, projects};
use crate::world::{Owner, World};

/// Makes a project and a key every few requests, and removes the one before.
pub(crate) fn stir(world: &mut World) {
    if !world.requests.is_multiple_of(5) {
        return;
    }
    let name = "a colleague's";
    for project in world.projects.iter_mut().filter(|project| project.value["name"] == name) {
        project.is_removed = true;
    }
    for key in world.keys.iter_mut().filter(|key| key.name == name) {
        key.is_revoked = true;
    }
    projects::make(world, Owner::User(0), &json!({ "name": name }));
    keys::mint(world, name, Owner::User(0), None);
}
