//! The server: who asks, for what, and how it is answered.

use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::contract::Contract;
use crate::handlers::{self, Caller};
use crate::json;
use crate::style::{Style, Switch};
use crate::wire::{self, Answer, Request};
use crate::world::{Owner, World};

/// What is wrong with a request: a status and a sentence.
pub(crate) struct Fault(pub(crate) u16, pub(crate) String);

impl From<String> for Fault {
    fn from(text: String) -> Self {
        Self(400, text)
    }
}

/// Read once: each of its schemas is compiled.
static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

pub(crate) struct Server {
    style: &'static Style,
    world: Mutex<World>,
}

/// A server that was started, and what opens it.
pub(crate) struct Started {
    pub(crate) url: String,
    pub(crate) key: String,
    pub(crate) other_key: String,
    pub(crate) revoked_key: String,
    /// Keys that may do less than a user's.
    pub(crate) lesser_keys: [String; 2],
}

impl Server {
    pub(crate) fn start(style: &'static Style) -> Started {
        let mut world = World::new(style);
        let key = handlers::keys::mint(&mut world, "first", Owner::User(0), None).1;
        let other_key = handlers::keys::mint(&mut world, "theirs", Owner::User(1), None).1;
        let revoked_key = handlers::keys::mint(&mut world, "gone", Owner::User(0), None).1;
        world.keys.last_mut().expect("it was minted").is_revoked = true;
        for (name, owner) in [
            ("of one's own", Owner::User(0)),
            ("of the team", Owner::Organization),
            ("of another", Owner::User(1)),
        ] {
            handlers::projects::make(&mut world, owner, &json!({ "name": name }));
        }
        let others = if style.has(Switch::LargeAccount) { 450 } else { 1 };
        for number in 0..others {
            handlers::projects::make(
                &mut world,
                Owner::User(0),
                &json!({ "name": format!("earlier {number}") }),
            );
        }
        world.settle();
        let of_the_team = world.projects.iter().find(|project| project.owner == Owner::Organization);
        let of_the_team = of_the_team.and_then(|project| project.value["id"].as_str()).map(str::to_owned);
        assert!(of_the_team.is_some(), "it was made");
        let mut lesser = |project| handlers::keys::mint(&mut world, "lesser", Owner::Organization, project).1;
        let lesser_keys = [lesser(None), lesser(of_the_team)];
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let server = Arc::new(Self { style, world: Mutex::new(world) });
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = Arc::clone(&server);
                // A client that goes away in the middle of a request ends its connection, and nothing else.
                thread::spawn(move || drop(server.converse(stream)));
            }
        });
        Started { url, key, other_key, revoked_key, lesser_keys }
    }

    fn converse(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some(request) = wire::read(&mut reader)? {
            if self.style.has(Switch::SlowAnswers) {
                thread::sleep(Duration::from_millis(8));
            }
            let closes = self.style.has(Switch::CloseAfterEach) || request.asks_to_close();
            let answer = self.answer(&request);
            wire::write(&mut stream, answer, &request, self.style, closes)?;
            if closes {
                break;
            }
            if self.style.has(Switch::CloseIdle) {
                stream.set_read_timeout(Some(Duration::from_millis(40)))?;
            }
        }
        Ok(())
    }

    fn answer(&self, request: &Request) -> Answer {
        let mut world = self.world.lock().expect("no handler panics");
        world.requests += 1;
        world.settle();
        if self.style.has(Switch::BusyAccount) {
            handlers::others::stir(&mut world);
        }
        let request_id = format!("{:032x}", world.requests);
        let mut headers = vec![("X-Neon-Ret-Request-Id", request_id.clone())];
        match self.outcome(&mut world, request, &mut headers) {
            Ok((status, body)) => {
                Answer { status, headers, body: body.map(|body| json::text(body, self.style)) }
            }
            Err(Fault(status, text)) => {
                let is_told = !self.style.has(Switch::NoRequestId);
                let text = if self.style.has(Switch::OtherErrors) {
                    "Das ging nicht. 🙁".to_owned()
                } else {
                    text
                };
                let mut error = json!({ "message": text, "code": if self.style.has(Switch::OtherErrors) { "NOPE" } else { "" } });
                if is_told {
                    error["request_id"] = json!(request_id);
                }
                if status == 401 && self.style.has(Switch::Challenge) {
                    headers.push((
                        "WWW-Authenticate",
                        "Bearer realm=\"neon\", error=\"invalid_token\"".to_owned(),
                    ));
                }
                if matches!(status, 423 | 429 | 503) {
                    headers.push(("Retry-After", "0".to_owned()));
                }
                Answer { status, headers, body: Some(json::text(error, self.style)) }
            }
        }
    }

    fn outcome(
        &self,
        world: &mut World,
        request: &Request,
        headers: &mut Vec<(&'static str, String)>,
    ) -> Result<(u16, Option<Value>), Fault> {
        let caller = self.caller(world, request)?;
        let count = world.requests;
        if self.style.has(Switch::RateLimited) && count.is_multiple_of(29) {
            return Err(Fault(429, "too many requests".to_owned()));
        }
        if self.style.has(Switch::Unavailable) && count.is_multiple_of(31) {
            return Err(Fault(503, "come again".to_owned()));
        }
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let routes = CONTRACT.at(path);
        if routes.is_empty() {
            return Err(Fault(404, "there is nothing of this name".to_owned()));
        }
        let Some(route) = routes.iter().find(|route| route.method() == request.method) else {
            let methods: Vec<&str> = routes.iter().map(|route| route.method()).collect();
            headers.push(("Allow", methods.join(", ")));
            return Err(Fault(405, "not with this method".to_owned()));
        };
        let invalid = if self.style.has(Switch::Invalid422) { 422 } else { 400 };
        let asked = route
            .ask(path, query, &request.body, self.style.has(Switch::UnknownQueryRefused))
            .map_err(|text| Fault(invalid, text))?;
        if self.style.has(Switch::Locked)
            && request.method != "GET"
            && path.matches('/').count() > 4
            && count.is_multiple_of(23)
        {
            return Err(Fault(423, "project already has running conflicting operations".to_owned()));
        }
        handlers::perform(world, &route.operation, &caller, &asked)
    }

    fn caller(&self, world: &mut World, request: &Request) -> Result<Caller, Fault> {
        let refused = |why: &str| {
            let text = if self.style.has(Switch::RefusalsDiffer) { why } else { "this key opens nothing" };
            Fault(401, text.to_owned())
        };
        let mut given = request.all("authorization");
        let (Some(value), None) = (given.next(), given.next()) else {
            return Err(refused("where is the key?"));
        };
        let (scheme, token) = value.split_once(' ').ok_or_else(|| refused("a scheme and a key, please"))?;
        let is_bearer = scheme == "Bearer"
            || (!self.style.has(Switch::LowerSchemeRefused) && scheme.eq_ignore_ascii_case("bearer"));
        if !is_bearer {
            return Err(refused("the scheme is Bearer"));
        }
        let now = world.now();
        let key = world
            .keys
            .iter_mut()
            .find(|key| key.token == token)
            .ok_or_else(|| refused("nobody has this key"))?;
        if key.is_revoked {
            return Err(refused("this key was revoked"));
        }
        key.last_used_at = Some(now);
        Ok(Caller { owner: key.owner, project: key.project.clone() })
    }
}
