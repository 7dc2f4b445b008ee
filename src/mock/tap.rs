//! What passes between clients and the mock, for whoever judges it.

use std::time::Instant;

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use tokio::sync::mpsc;

use super::fault::Peer;
use super::service::Service;
use crate::exchange::Response as Answer;
use crate::traffic::{Missed, Open, Passed, named};

/// More is too large for the mock as well.
const LARGEST: usize = 2 * 1024 * 1024;

/// The largest answer that is looked at, in bytes.
const LARGEST_SEEN: usize = 8 * 1024 * 1024;

/// Answers a request, and reports both.
pub(super) async fn answer(
    service: &Service,
    peer: Peer,
    request: Request,
    seen: mpsc::UnboundedSender<Passed>,
) -> Response {
    let (began, instant) = (service.now(), Instant::now());
    let (head, body) = request.into_parts();
    // What is not read whole is rejected as too large, whatever it is.
    let body = to_bytes(body, LARGEST).await.unwrap_or_else(|_| Bytes::from(vec![b' '; LARGEST]));
    let mut open = Open::new(began, &head, &body, seen);
    let response = service.answer(peer.clone(), Request::from_parts(head, Body::from(body))).await;
    if peer.is_cut_off() {
        open.close(Err(Missed::Lost("the connection was reset".to_owned())));
        return response;
    }
    let (head, body) = response.into_parts();
    let status = head.status.as_u16();
    // What comes in parts may not come to an end, and has no length that could be kept.
    if body.size_hint().exact().is_none_or(|length| length > LARGEST_SEEN as u64) {
        open.close(Err(Missed::TooLarge { status, limit: LARGEST_SEEN }));
        return Response::from_parts(head, body);
    }
    let bytes = to_bytes(body, LARGEST_SEEN).await.unwrap_or_default();
    let mut answer = Answer::new(status, named(&head.headers, &[]), bytes.to_vec());
    answer.elapsed = instant.elapsed();
    open.close(Ok(answer));
    Response::from_parts(head, Body::from(bytes))
}
