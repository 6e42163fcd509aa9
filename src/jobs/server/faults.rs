//! Faults on request, so that a team can test its retries with its own recordings. They are the faults of the sandbox.

use std::collections::{BTreeMap, VecDeque};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};

use crate::client::sandbox::SandboxFault;

use super::answer::Served;

/// The faults of the requests of one test, or of all that have none of their own, in order of arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultList {
    /// The test; `None` means all others.
    pub test_id: Option<String>,
    /// The n-th request gets the n-th fault.
    pub faults: Vec<SandboxFault>,
}

impl FromStr for FaultList {
    type Err = String;

    /// Reads `throttle,ok,cut` or `TEST=throttle,ok,cut`.
    fn from_str(text: &str) -> Result<Self, String> {
        // A test id may contain `=` too.
        let (test_id, words) = match text.rsplit_once('=') {
            Some((test_id, words)) => (Some(test_id.to_owned()), words),
            None => (None, text),
        };
        let faults = words.split(',').map(str::parse).collect::<Result<_, _>>()?;
        Ok(FaultList { test_id, faults })
    }
}

/// The faults that are still to come.
#[derive(Clone, Default)]
pub(super) struct FaultPlan(Arc<Mutex<BTreeMap<Option<String>, VecDeque<SandboxFault>>>>);

impl FaultPlan {
    pub(super) fn of(lists: &[FaultList]) -> Self {
        let mut plan: BTreeMap<Option<String>, VecDeque<SandboxFault>> = BTreeMap::new();
        for list in lists {
            plan.entry(list.test_id.clone()).or_default().extend(&list.faults);
        }
        FaultPlan(Arc::new(Mutex::new(plan)))
    }

    /// The fault of the next request of a test, if there is one.
    pub(super) fn next(&self, test_id: Option<&str>) -> Option<SandboxFault> {
        let mut plan = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = test_id.map(str::to_owned).filter(|test_id| plan.contains_key(&Some(test_id.clone())));
        plan.get_mut(&own)?.pop_front().filter(|fault| *fault != SandboxFault::Ok)
    }
}

/// The answer that replaces the real one, if the fault has one. Unlike other errors of this server it may be retried.
pub(super) fn instead(fault: SandboxFault) -> Option<Response> {
    let aws = |status, message: &str| (status, serde_json::json!({ "message": message }).to_string());
    let (status, text) = match fault {
        SandboxFault::Expired => aws(403, "Bearer Token has expired"),
        SandboxFault::Throttle => aws(429, "Too many requests, please wait before trying again."),
        SandboxFault::DailyQuota => aws(429, "Too many tokens per day, please wait before trying again."),
        SandboxFault::Unavailable => aws(503, "ServiceUnavailableException"),
        SandboxFault::Html => (200, "<html><body>A gateway speaks</body></html>".to_owned()),
        SandboxFault::Redirect => aws(421, "this server does not follow redirects"),
        SandboxFault::WrongPath => {
            (200, r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"}}"#.to_owned())
        }
        SandboxFault::Cut | SandboxFault::Stall | SandboxFault::Slow | SandboxFault::Ok => return None,
    };
    let served = Served::verbatim(status, text);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, [("content-type", served.content_type)], served.pieces.concat()).into_response();
    if fault == SandboxFault::Throttle {
        response.headers_mut().insert("retry-after-ms", HeaderValue::from_static("20"));
    }
    Some(response)
}

/// Whether the fault changes how the answer is sent.
pub(super) fn breaks(fault: SandboxFault) -> bool {
    matches!(fault, SandboxFault::Cut | SandboxFault::Stall | SandboxFault::Slow)
}

/// An answer that comes late, stops in the middle, or breaks off there.
pub(super) fn broken(served: Served, fault: SandboxFault) -> Response {
    let status = StatusCode::from_u16(served.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut pieces = served.pieces;
    if fault != SandboxFault::Slow {
        match pieces.as_mut_slice() {
            [only] => *only = only.chars().take(only.chars().count() / 2).collect(),
            _ => pieces.truncate(pieces.len() / 2),
        }
    }
    let sent = stream::iter(pieces.into_iter().map(Ok));
    let body = match fault {
        SandboxFault::Stall => Body::from_stream(sent.chain(stream::pending::<std::io::Result<String>>())),
        SandboxFault::Slow => {
            let late = stream::once(tokio::time::sleep(Duration::from_millis(500)));
            Body::from_stream(late.flat_map(move |()| sent.clone()).map(|piece: std::io::Result<String>| piece))
        }
        // The written bytes are sent before the connection closes.
        _ => Body::from_stream(sent.chain(stream::once(async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Err(std::io::Error::other("cut"))
        }))),
    };
    (status, [("content-type", served.content_type)], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_met_in_order_and_by_test() {
        let parse = |text: &str| text.parse::<FaultList>();
        let all = [parse("throttle,ok,cut").unwrap(), parse("t.py::t[a=b]=slow").unwrap()];
        assert_eq!(all[1], FaultList { test_id: Some("t.py::t[a=b]".into()), faults: vec![SandboxFault::Slow] });
        assert!(parse("throttle,nonsense").is_err());
        let plan = FaultPlan::of(&all);
        let own = || plan.next(Some("t.py::t[a=b]"));
        assert_eq!((own(), own()), (Some(SandboxFault::Slow), None));
        let others: Vec<_> = (0..4).map(|_| plan.next(Some("other"))).collect();
        assert_eq!(others, [Some(SandboxFault::Throttle), None, Some(SandboxFault::Cut), None]);
        assert_eq!(plan.next(None), None);
    }
}
