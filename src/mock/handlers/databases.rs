//! Databases of a branch.

use serde_json::{Value, json};

use super::{Answer, Call, Reply, begun};
use crate::mock::body::Object;
use crate::mock::model::{Database, Project, State};
use crate::mock::view;

/// All of them.
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let branch = project.branch(call.param("branch_id"))?;
    let databases: Vec<Value> =
        branch.databases.iter().map(|database| view::database(&branch.id, database)).collect();
    Ok(Reply::ok(json!({ "databases": databases })))
}

/// One of them.
pub(in crate::mock) fn get(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let branch = project.branch(call.param("branch_id"))?;
    let database = branch.database(call.param("database_name"))?;
    Ok(Reply::ok(json!({ "database": view::database(&branch.id, database) })))
}

/// Another one, owned by a role of the branch.
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?.required_object("database")?;
    let name = request.required_string("name", 1..=63)?;
    let owner_name = request.required_string("owner_name", 1..=63)?;
    let mut opened = call.open(state)?;
    let branch = call.param("branch_id");
    opened.project.branch(branch)?;
    opened.project.must_be_a_database(&name)?;
    opened.project.must_be_idle(branch)?;
    let database =
        Database { id: opened.number(), name, owner_name, created_at: call.now, updated_at: call.now };
    opened.project.branch_mut(branch)?.add_database(database.clone())?;
    let before = opened.project.operations.len();
    opened.project.apply_config(branch, opened.ids, call.now);
    Ok(Reply::created(shown(opened.project, branch, &database, before)))
}

/// Another name or owner.
pub(in crate::mock) fn update(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?.required_object("database")?;
    let name = request.string("name", 1..=63)?;
    let owner = request.string("owner_name", 1..=63)?;
    let opened = call.open(state)?;
    let branch = call.param("branch_id");
    opened.project.branch(branch)?;
    if let Some(name) = &name {
        opened.project.must_be_a_database(name)?;
    }
    opened.project.must_be_idle(branch)?;
    let database = opened.project.branch_mut(branch)?.change_database(
        call.param("database_name"),
        name,
        owner,
        call.now,
    )?;
    let before = opened.project.operations.len();
    opened.project.apply_config(branch, opened.ids, call.now);
    Ok(Reply::ok(shown(opened.project, branch, &database, before)))
}

/// Gone; 204 where it is gone already.
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Answer {
    let opened = call.open(state)?;
    let branch = call.param("branch_id");
    opened.project.branch(branch)?;
    opened.project.must_be_idle(branch)?;
    let Some(database) = opened.project.branch_mut(branch)?.remove_database(call.param("database_name"))
    else {
        return Ok(Reply::no_content());
    };
    let before = opened.project.operations.len();
    opened.project.apply_config(branch, opened.ids, call.now);
    Ok(Reply::ok(shown(opened.project, branch, &database, before)))
}

fn shown(project: &Project, branch: &str, database: &Database, before: usize) -> Value {
    json!({ "database": view::database(branch, database), "operations": begun(project, before) })
}
