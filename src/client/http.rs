//! The live transport: HTTP over reqwest, with limits, time-outs and retries.

use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response, Url};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::error::{Error, Result};
use crate::recording::RECORDER;
use crate::recording::json::Value;
use crate::secret::Secret;

use super::answer::{Due, Sign, StreamReader, Unusable, read_object};
use super::attempt::{ATTEMPTS, AttemptError, Received, Repeat, retry_wait};
use super::bedrock::endpoint::Target;
use super::bedrock::error::{ApiError, ErrorClass, classify, mask};
use super::call::{Call, Failure, Reply, Transport};
use super::encoding::{self, ContentDecoder};
use super::headers::header;
use super::query;
use super::tap::{StreamEvent, Tap};
use super::timeouts::Timeouts;
use super::trust::{self, Trust};

/// How long a connection may take.
pub(super) const CONNECT: Duration = Duration::from_secs(5);
/// How long `[DONE]` is waited for once nothing else is due.
const GRACE: Duration = Duration::from_secs(3);
/// Longest single attempt.
const TOTAL: Duration = Duration::from_secs(600);
/// Largest body that is read, in bytes.
const MAX_BODY: usize = 64 << 20;

/// Sends calls to Bedrock, or to the server that replaces it.
#[derive(Clone, Debug)]
pub struct Live {
    http: reqwest::Client,
    target: Target,
    token: Option<Secret>,
    timeouts: Timeouts,
    /// When the token ends.
    until: Option<Instant>,
    tap: Tap,
}

impl Live {
    /// A transport to `target`.
    ///
    /// The token is sent to the target and nowhere else: redirects are not followed.
    pub fn new(target: Target, trust: &Trust, token: Option<Secret>, timeouts: Timeouts) -> Result<Self> {
        let http = http_client(&target, trust)?;
        if let Some(token) = &token {
            authorization(token)?;
        }
        Ok(Live { http, target, token, timeouts, until: None, tap: Tap::default() })
    }

    /// Sends nothing from then on: the token ends.
    #[must_use]
    pub fn until(self, until: Option<Instant>) -> Self {
        Live { until, ..self }
    }

    /// Also gives away the events of streams as they come.
    #[must_use]
    pub fn tapped(self, tap: Tap) -> Self {
        Live { tap, ..self }
    }

    /// One request and its whole reply.
    async fn attempt(&self, call: &Call) -> std::result::Result<Received, AttemptError> {
        let url = self.target.wire_url(&call.url).map_err(|what| AttemptError::for_good(Failure::new(what)))?;
        let origin = url.origin().ascii_serialization();
        let head = match timeout(self.timeouts.first_byte, self.request(call, url)?.send()).await {
            Ok(Ok(head)) => head,
            Ok(Err(error)) if error.is_connect() => {
                return Err(AttemptError::retryable(unreachable(&origin, &error)));
            }
            Ok(Err(error)) => {
                return Err(AttemptError::retryable(Failure::new(format!("no answer: {}", cause(&error)))));
            }
            // The call may have been made, and paid for: it is not repeated.
            Err(_) => {
                let what = format!("no answer within {} s", self.timeouts.first_byte.as_secs_f64());
                return Err(AttemptError::for_good(Failure::new(what).hint("allow more with --timeout")));
            }
        };
        // What came as a stream has begun to be an answer, which is paid for.
        let is_stream = header(head.headers(), "content-type").is_some_and(|kind| kind.contains("event-stream"));
        let headers = head.headers().clone();
        self.read(call, head).await.map_err(|failure| match failure.class.filter(|_| !is_stream) {
            Some(class) => AttemptError { failure, again: Repeat::AsReplied { class, headers: Box::new(headers) } },
            None => AttemptError::for_good(failure),
        })
    }

    fn request(&self, call: &Call, mut url: Url) -> std::result::Result<reqwest::RequestBuilder, AttemptError> {
        let bad = |what: String| AttemptError::for_good(Failure::new(what));
        let mut headers = HeaderMap::new();
        headers.insert("accept", HeaderValue::from_static("application/json"));
        headers.insert("accept-encoding", HeaderValue::from_static(encoding::ACCEPTED));
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        for (name, value) in call.extra("extra_headers") {
            let header = HeaderName::try_from(name).map_err(|_| bad(format!("{name:?} is not a header name")))?;
            let value = HeaderValue::from_str(value.as_str().unwrap_or_default());
            headers.insert(header, value.map_err(|_| bad(format!("the value of header {name} cannot be sent")))?);
        }
        if let Some(token) = &self.token {
            headers.insert("authorization", authorization(token).map_err(|error| bad(error.to_string()))?);
        }
        let query: Vec<(String, String)> =
            call.extra("extra_query").flat_map(|(name, value)| query::pairs(name, value)).collect();
        if !query.is_empty() {
            url.set_query(Some(&query::encoded(&query)));
        }
        let body = Value::Object(call.wire_body()).to_wire_text();
        Ok(self.http.request(Method::POST, url).headers(headers).body(body))
    }

    async fn read(&self, call: &Call, head: Response) -> std::result::Result<Received, Failure> {
        let status = head.status();
        let headers = head.headers().clone();
        if status.is_redirection() && headers.contains_key("location") {
            let what = format!("HTTP {}: a redirect, which is not followed with a token", status.as_u16());
            return Err(Failure::new(what).hint("give the final url with --endpoint-url"));
        }
        let error_type = header(&headers, "x-amzn-errortype");
        let reply = if !status.is_success() {
            // The header says what the error is, also where its text is compressed in a way that cannot be read.
            let unread = classify(status.as_u16(), error_type, error_type.unwrap_or(""));
            let body = self.read_body(head).await.map_err(|failure| match unread.by_code {
                true => {
                    Failure { what: format!("{unread}, and {}", failure.what), class: Some(unread.class), ..failure }
                }
                false => failure,
            })?;
            let text = super::charset::decode(&body, header(&headers, "content-type").unwrap_or(""));
            Reply::Status { error: classify(status.as_u16(), error_type, &text), text }
        } else if call.is_streaming() {
            Reply::Stream(self.read_stream(call, head, error_type).await?)
        } else {
            let body = self.read_body(head).await?;
            Reply::Object(read_object(&body).map_err(|flaw| not_an_answer(flaw, error_type))?)
        };
        Ok(Received { reply, status, headers })
    }

    async fn read_body(&self, head: Response) -> std::result::Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        let mut decoder = decoder(head.headers())?;
        let mut pieces = head.bytes_stream();
        while let Some(piece) = self.within(self.timeouts.idle, pieces.next()).await?.transpose().map_err(cut)? {
            decoder.feed(&piece, undecodable, |decoded| {
                check_size(body.len() + decoded.len())?;
                body.extend_from_slice(decoded);
                Ok(())
            })?;
        }
        body.extend(decoder.finish().map_err(undecodable)?);
        Ok(body)
    }

    async fn read_stream(
        &self,
        call: &Call,
        head: Response,
        error_type: Option<&str>,
    ) -> std::result::Result<Vec<crate::recording::json::Object>, Failure> {
        let not_an_answer = |flaw| not_an_answer(flaw, error_type);
        let mut reader = StreamReader::default();
        let mut decoder = decoder(head.headers())?;
        let mut pieces = head.bytes_stream();
        let mut size = 0;
        // What is due, and since when: events that bring nothing new, and comments, do not put the end off.
        let mut state = (Due::Answer, 0);
        let mut since = Instant::now();
        while !reader.is_done() {
            let due = reader.due(call.choices(), call.wants_usage());
            let now = if due == Due::Nothing { (due, 0) } else { (due, reader.events()) };
            if now != state {
                (state, since) = (now, Instant::now());
            }
            let piece = match due {
                Due::Answer => self.within(self.timeouts.idle, pieces.next()).await?,
                // A connection held open after the last chunk is a habit of some hosts, not a failure.
                Due::Rest | Due::Nothing => {
                    let limit = if due == Due::Rest { self.timeouts.idle } else { GRACE.min(self.timeouts.idle) };
                    match timeout_at(since + limit, pieces.next()).await {
                        Ok(piece) => piece,
                        Err(_) => break,
                    }
                }
            };
            let Some(piece) = piece.transpose().map_err(cut)? else {
                let rest = decoder.finish().map_err(undecodable)?;
                if !rest.is_empty() {
                    self.tap.tell(|| StreamEvent::Piece(rest.to_vec()));
                    reader.feed(&rest).map_err(not_an_answer)?;
                }
                break;
            };
            decoder.feed(&piece, undecodable, |decoded| {
                size += decoded.len();
                check_size(size)?;
                self.tap.tell(|| StreamEvent::Piece(decoded.to_vec()));
                reader.feed(decoded).map_err(not_an_answer)
            })?;
        }
        let has_ended = reader.is_done();
        let whole = reader.finish().map_err(not_an_answer);
        if has_ended || whole.is_ok() {
            self.tap.tell(|| StreamEvent::End);
        }
        whole
    }

    async fn within<T>(&self, limit: Duration, piece: impl Future<Output = T>) -> std::result::Result<T, Failure> {
        let stalled = |_| {
            let what = format!("the reply stalled for {} s", limit.as_secs_f64());
            Failure::new(what).hint("record it again; allow more with --timeout")
        };
        timeout(limit, piece).await.map_err(stalled)
    }
}

impl Transport for Live {
    async fn exchange(&self, call: &Call) -> std::result::Result<Reply, Failure> {
        let reply = self.exchange_raw(call).await;
        // A server may repeat the token in what it says, whole or in part, and what it says is shown.
        let Some(token) = &self.token else { return reply };
        match reply {
            Ok(Reply::Status { error, text }) => {
                let message = token.scrub(&error.message);
                Ok(Reply::Status { error: ApiError { message, ..error }, text })
            }
            Ok(reply) => Ok(reply),
            Err(failure) => Err(Failure { what: token.scrub(&mask(&failure.what)), ..failure }),
        }
    }
}

impl Live {
    /// Asks, and asks again where that costs nothing.
    async fn exchange_raw(&self, call: &Call) -> std::result::Result<Reply, Failure> {
        let mut attempt = 1;
        loop {
            if self.until.is_some_and(|until| Instant::now() >= until) {
                let what = "token expired by the local clock; request not sent";
                let hint = ErrorClass::ExpiredKey.hint().unwrap_or_default();
                return Err(Failure { token_ended: true, ..Failure::new(what).hint(hint) });
            }
            let result = match timeout(TOTAL, self.attempt(call)).await {
                Ok(result) => result,
                Err(_) => return Err(Failure::new(format!("the reply took more than {} s", TOTAL.as_secs()))),
            };
            let wait = if attempt == ATTEMPTS { None } else { retry_wait(&result, attempt) };
            let Some(wait) = wait else {
                return result.map(Received::last).map_err(|lost| lost.failure);
            };
            sleep(wait).await;
            attempt += 1;
        }
    }
}

/// A client that sends to `target` and follows no redirect.
pub(super) fn http_client(target: &Target, trust: &Trust) -> Result<reqwest::Client> {
    // Fails only when a provider is already installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut http = reqwest::Client::builder()
        .user_agent(RECORDER)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .tls_certs_merge(trust.certificates())
        .https_only(matches!(target, Target::Aws));
    if target.is_loopback() {
        http = http.no_proxy();
    }
    http.build().map_err(|error| {
        let error = Error::new(format!("cannot set up HTTPS: {}", cause(&error)));
        match trust.instead_of_system() {
            Some(name) => error.hint(format!("check that {name} names PEM certificates, or unset it")),
            None => error,
        }
    })
}

/// The header that carries the token, which HTTP libraries then show nowhere.
pub(super) fn authorization(token: &Secret) -> Result<HeaderValue> {
    let value = format!("Bearer {}", token.expose());
    let visible = value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !token.expose().contains(' ');
    let mut header = HeaderValue::try_from(value).ok().filter(|_| visible).ok_or_else(|| {
        Error::new("the bearer token contains a space or a character that cannot be sent")
            .hint("copy it again, in one line")
    })?;
    header.set_sensitive(true);
    Ok(header)
}

fn check_size(size: usize) -> std::result::Result<(), Failure> {
    if size > MAX_BODY { Err(Failure::new(format!("the reply is larger than {} MiB", MAX_BODY >> 20))) } else { Ok(()) }
}

/// What takes the encoding of a reply off.
fn decoder(headers: &HeaderMap) -> std::result::Result<ContentDecoder, Failure> {
    ContentDecoder::of_all(headers.get_all("content-encoding")).map_err(|name| {
        let what = format!("the reply has the content encoding {name:?}, which was not asked for");
        Failure::new(what).hint("turn off compression in the proxy or server on the way")
    })
}

fn undecodable(error: std::io::Error) -> Failure {
    Failure::new(format!("the compressed reply is cut off or broken: {error}")).hint("record it again")
}

fn cut(error: reqwest::Error) -> Failure {
    Failure::new(format!("the reply was cut off: {}", cause(&error))).hint("record it again")
}

/// A reply with status 200 that is not an answer. AWS's code comes before the status here too.
fn not_an_answer(flaw: Unusable, error_type: Option<&str>) -> Failure {
    let error = flaw.error.map(|error| classify(200, error.event.as_deref().or(error_type), &error.text));
    let class = error.map(|error| error.class).filter(|class| *class != ErrorClass::Other);
    let hint = match flaw.sign {
        Sign::UnknownOperation => ErrorClass::WrongPath.hint(),
        Sign::AnotherService => ErrorClass::NotBedrock.hint(),
        Sign::Nothing => class.and_then(ErrorClass::hint),
    };
    Failure { hint, class, ..Failure::new(flaw.what) }
}

/// The innermost cause of an error, which says what the layers above it only surround. Never the url: it may be private.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    super::bedrock::error::mask(&innermost.to_string())
}

/// Nobody answers there.
pub(super) fn unreachable(origin: &str, error: &reqwest::Error) -> Failure {
    let what = format!("cannot connect to {origin}: {}", cause(error));
    Failure { unreachable: true, ..Failure::new(what).hint(trust::hint(error)) }
}

pub(super) fn origin(url: &str) -> String {
    reqwest::Url::parse(url).map_or_else(|_| url.to_owned(), |url| url.origin().ascii_serialization())
}
