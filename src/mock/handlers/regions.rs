//! Where projects can be.

use serde_json::{Value, json};

use super::{Answer, Call, Reply, is_id};
use crate::mock::error::ApiError;
use crate::mock::model::State;

/// Id, name, latitude and longitude, which the API shows as strings. The first is the default.
const REGIONS: [(&str, &str, &str, &str); 8] = [
    ("aws-us-east-2", "AWS US East 2 (Ohio)", "40.0", "-83.0"),
    ("aws-us-east-1", "AWS US East 1 (N. Virginia)", "38.9", "-77.4"),
    ("aws-us-west-2", "AWS US West 2 (Oregon)", "45.8", "-119.7"),
    ("aws-eu-central-1", "AWS Europe Central 1 (Frankfurt)", "50.1", "8.6"),
    ("aws-eu-west-2", "AWS Europe West 2 (London)", "51.5", "-0.1"),
    ("aws-ap-southeast-1", "AWS Asia Pacific 1 (Singapore)", "1.3", "103.8"),
    ("aws-ap-southeast-2", "AWS Asia Pacific 2 (Sydney)", "-33.9", "151.2"),
    ("aws-sa-east-1", "AWS South America East 1 (São Paulo)", "-23.5", "-46.6"),
];

/// All regions.
pub(in crate::mock) fn list(call: &Call<'_>, state: &State) -> Answer {
    state.user_only(call.caller)?;
    if let Some(id) = call.text("org_id", 0..=60)?
        && !id.is_empty()
        && !is_id(&id)
    {
        return Err(ApiError::parameter("org_id", "is no id"));
    }
    let regions: Vec<Value> = REGIONS
        .iter()
        .enumerate()
        .map(|(index, (id, name, latitude, longitude))| {
            json!({
                "region_id": id, "name": name, "default": index == 0, "geo_lat": latitude, "geo_long": longitude,
            })
        })
        .collect();
    Ok(Reply::ok(json!({ "regions": regions })))
}

/// Whether it is in the list.
pub(super) fn is_known(id: &str) -> bool {
    REGIONS.iter().any(|(known, ..)| *known == id)
}

/// A region that there is.
pub(super) fn check(id: &str) -> Result<(), ApiError> {
    // Regions come and go; what is refused is what does not look like one.
    let is_one = id
        .split_once('-')
        .is_some_and(|(platform, place)| matches!(platform, "aws" | "azure") && !place.is_empty());
    if is_one {
        Ok(())
    } else {
        Err(ApiError::body(format!("invalid: project.region_id (there is no region {id})")))
    }
}
