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
    world.projects.retain(|project| project.value["name"] != name);
    world.keys.retain(|key| key.name != name);
    projects::make(world, Owner::User(0), &json!({ "name": name }));
    keys::mint(world, name, Owner::User(0), None);
}
