//! Nobody gets to an endpoint that they have not named.

use std::collections::HashMap;

use proptest::prelude::*;
use rstest::rstest;

use super::super::super::directory::{Activity, Holding};
use super::super::super::options::loopback;
use super::super::packet::Packet;
use super::*;

/// Two endpoints, each of another account.
#[derive(Debug)]
struct Two;

const OURS: &str = "ep-calm-sea-00000001";
const THEIRS: &str = "ep-calm-sea-00000002";

fn endpoint(id: &str) -> Endpoint {
    Endpoint {
        id: id.to_owned(),
        branch: format!("br-of-{id}"),
        is_disabled: false,
        is_read_only: false,
        suspend_after: None,
    }
}

impl Directory for Two {
    fn endpoint(&self, id: &str) -> Option<Endpoint> {
        [OURS, THEIRS].contains(&id).then(|| endpoint(id))
    }

    fn endpoint_at(&self, address: Ipv4Addr) -> Option<Endpoint> {
        [OURS, THEIRS].into_iter().find(|id| loopback(id) == address).map(endpoint)
    }

    fn holdings(&self, _: &[String]) -> HashMap<String, Holding> {
        HashMap::new()
    }

    fn note(&self, _: &str, _: Activity) {}

    fn tell(&self, _: &str) {}
}

fn startup(parameters: &[(&str, &str)]) -> Startup {
    let mut body = vec![0, 3, 0, 0];
    for text in parameters.iter().flat_map(|(name, value)| [name, value]) {
        body.extend(text.bytes());
        body.push(0);
    }
    body.push(0);
    let packet = [&u32::try_from(body.len() + 4).expect("it is short").to_be_bytes()[..], &body].concat();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it can be made");
    match runtime.block_on(Packet::read(&mut packet.as_slice())) {
        Ok(Some(Packet::Startup(startup))) => startup,
        other => panic!("it is no startup packet: {other:?}"),
    }
}

#[rstest]
#[case("endpoint=ep-calm-sea-00000001", None)]
#[case("endpoint=ep-calm-sea-00000001-pooler", None)]
#[case("project=ep-calm-sea-00000001", None)]
#[case("-c geqo=off endpoint=ep-calm-sea-00000001  -c x.y=a\\ b", Some("-c geqo=off -c x.y=a\\ b"))]
fn the_endpoint_is_taken_out_of_the_options(#[case] options: &str, #[case] rest: Option<&str>) {
    let mut startup = startup(&[("user", "u"), ("options", options), ("database", "d")]);
    let found = route(&mut startup, &Way::default(), &Hosts::Localhost, &Two).expect("it is there");
    assert_eq!(found, endpoint(OURS));
    assert_eq!(startup.parameter("options"), rest.map(str::as_bytes));
    assert_eq!(startup.parameter("database"), Some(&b"d"[..]));
}

#[rstest]
#[case::no_endpoint("u", "", None, "is not specified")]
#[case::two("u", "endpoint=ep-calm-sea-00000001 endpoint=ep-calm-sea-00000002", None, "different endpoints")]
#[case::the_host_names_another("u", "endpoint=ep-calm-sea-00000001", Some(THEIRS), "different endpoints")]
#[case::nobodys("u", "endpoint=ep-none", None, "could not be found")]
#[case::the_superuser(SUPERUSER, "endpoint=ep-calm-sea-00000001", None, "authentication failed")]
fn what_is_not_clear_is_refused(
    #[case] user: &str,
    #[case] options: &str,
    #[case] host: Option<&str>,
    #[case] expected: &str,
) {
    let way = Way { host: host.map(|host| format!("{host}.db.example")), address: None };
    let mut startup = startup(&[("user", user), ("options", options)]);
    let failure = route(&mut startup, &way, &Hosts::Localhost, &Two).expect_err("it is not clear");
    assert!(failure.message.contains(expected), "{}", failure.message);
}

/// What a client may put anywhere: much of it looks like something.
fn anything() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(OURS.to_owned()),
        Just("endpoint=".to_owned()),
        Just("project=".to_owned()),
        Just("-pooler".to_owned()),
        Just(" ".to_owned()),
        Just("\\".to_owned()),
        Just(".".to_owned()),
        Just("ep-".to_owned()),
        Just("-c ".to_owned()),
        "[a-z0-9%;= -]{0,8}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nobody_reaches_what_they_do_not_name(
        user in anything(), database in anything(), options in anything(), more in anything(), host in anything(),
    ) {
        let parameters = [("user", &*user), ("database", &*database), ("options", &*options), ("options", &*more)];
        let mut startup = startup(&parameters);
        let way = Way { host: Some(host), address: Some(loopback(OURS).into()) };
        for hosts in [Hosts::Localhost, Hosts::Loopback] {
            let found = route(&mut startup, &way, &hosts, &Two);
            prop_assert!(found.is_err() || found == Ok(endpoint(OURS)), "{:?}", found);
        }
    }
}
