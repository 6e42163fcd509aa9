//! A real loopback server that plays the steps of a vector, byte by byte. See `tests/fixtures/vectors/README.md`.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use serde_json::Value;

/// A server that answers the n-th request with the n-th step, starting over after the last.
pub(crate) struct ScriptedServer {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    steps: Vec<Step>,
    served: AtomicUsize,
    stopped: AtomicBool,
    requests: Mutex<Vec<String>>,
}

impl ScriptedServer {
    pub(crate) fn start(steps: Vec<Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state =
            State { steps, served: AtomicUsize::new(0), stopped: AtomicBool::new(false), requests: Mutex::new(vec![]) };
        let state = Arc::new(state);
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                if shared.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(connection.unwrap(), &shared));
            }
        });
        ScriptedServer { address, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests that came, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.state.requests.lock().unwrap().clone()
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::SeqCst);
        // The listener wakes to see that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

/// One answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Step {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) framing: String,
    pub(crate) delay: f64,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) tcp_split: Option<usize>,
    pub(crate) end: String,
    pub(crate) raw: bool,
    pub(crate) gzip: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Bytes(Vec<u8>),
    Sleep(f64),
}

impl Step {
    /// What it answers, in a few words: the name of a case.
    pub(crate) fn name(&self) -> String {
        let headers = self.headers.iter().filter(|(name, _)| name != "content-type" && name != "location");
        let headers: String = headers.map(|(name, value)| format!(" {name}: {value}")).collect();
        let body = match self.pieces.first() {
            Some(Piece::Bytes(body)) => String::from_utf8_lossy(body).into_owned(),
            _ => "(nothing for a while)".to_owned(),
        };
        format!("HTTP {}{headers} {body:.110} {}", self.status, self.end)
    }

    /// A JSON answer.
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Step {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            framing: "length".into(),
            pieces: vec![Piece::Bytes(body.into())],
            ..Step::default()
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Reads a step of a vector; `model` is what `@MODEL@` stands for.
    pub(crate) fn of_vector(step: &Value, model: &str) -> Self {
        let escaped = serde_json::to_string(model).unwrap();
        let escaped = &escaped[1..escaped.len() - 1];
        let piece = |write: &Value| {
            if let Some(text) = write["text"].as_str() {
                Piece::Bytes(text.replace("@MODEL@", escaped).into())
            } else if let Some(encoded) = write["b64"].as_str() {
                Piece::Bytes(base64::engine::general_purpose::STANDARD.decode(encoded).unwrap())
            } else {
                Piece::Sleep(write["sleep"].as_f64().unwrap())
            }
        };
        let list = |name: &str| step[name].as_array().cloned().unwrap_or_default();
        let pair = |header: &Value| (header[0].as_str().unwrap().to_owned(), header[1].as_str().unwrap().to_owned());
        Step {
            status: step["status"].as_u64().unwrap_or(200) as u16,
            headers: list("headers").iter().map(pair).collect(),
            framing: step["framing"].as_str().unwrap_or("length").to_owned(),
            delay: step["delay"].as_f64().unwrap_or(0.0),
            pieces: list("writes").iter().map(piece).collect(),
            tcp_split: step["tcp_split"].as_u64().map(|n| n as usize),
            end: step["end"].as_str().unwrap_or("clean").to_owned(),
            raw: step["raw"].as_bool().unwrap_or(false),
            gzip: step["gzip"].as_bool().unwrap_or(false),
        }
    }

    /// The writes to make: the head first, then the framed pieces.
    fn framed(&self) -> Vec<Piece> {
        if self.raw {
            return self.pieces.clone();
        }
        let mut pieces = self.pieces.clone();
        let mut headers = self.headers.clone();
        if self.gzip {
            let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::default());
            for piece in &pieces {
                if let Piece::Bytes(bytes) = piece {
                    encoder.write_all(bytes).unwrap();
                }
            }
            pieces = vec![Piece::Bytes(encoder.finish().unwrap())];
            headers.push(("content-encoding".into(), "gzip".into()));
        }
        let size: usize =
            pieces.iter().map(|piece| if let Piece::Bytes(bytes) = piece { bytes.len() } else { 0 }).sum();
        let mut head = format!("HTTP/1.1 {} Scripted\r\n", self.status);
        match self.framing.as_str() {
            // A body that is cut short was announced whole.
            "length" => {
                let missing = if matches!(self.end.as_str(), "short" | "reset") { 64 } else { 0 };
                headers.push(("content-length".into(), (size + missing).to_string()));
            }
            "chunked" => headers.push(("transfer-encoding".into(), "chunked".into())),
            "close" => headers.push(("connection".into(), "close".into())),
            _ => {}
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut framed = vec![Piece::Bytes(head.into())];
        for piece in pieces {
            framed.push(match piece {
                Piece::Bytes(bytes) if self.framing == "chunked" && !bytes.is_empty() => {
                    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
                    chunk.extend(bytes);
                    chunk.extend(b"\r\n");
                    Piece::Bytes(chunk)
                }
                other => other,
            });
        }
        if self.framing == "chunked" && self.end == "clean" {
            framed.push(Piece::Bytes(b"0\r\n\r\n".to_vec()));
        }
        framed
    }
}

fn serve(mut connection: TcpStream, state: &State) {
    while let Some(request) = read_request(&mut connection) {
        state.requests.lock().unwrap().push(request);
        let step = &state.steps[state.served.fetch_add(1, Ordering::SeqCst) % state.steps.len()];
        std::thread::sleep(Duration::from_secs_f64(step.delay));
        for piece in step.framed() {
            // The client may have seen enough and gone.
            if !play(&mut connection, &piece, step.tcp_split) {
                return;
            }
        }
        match step.end.as_str() {
            "reset" => {
                let socket = socket2::SockRef::from(&connection);
                socket.set_linger(Some(Duration::ZERO)).unwrap();
                return;
            }
            "cut" | "short" => {
                let _ = connection.shutdown(Shutdown::Both);
                return;
            }
            _ if step.raw || step.framing == "close" => return,
            _ => {}
        }
    }
}

fn play(connection: &mut TcpStream, piece: &Piece, split: Option<usize>) -> bool {
    match piece {
        Piece::Sleep(seconds) => {
            std::thread::sleep(Duration::from_secs_f64(*seconds));
            true
        }
        Piece::Bytes(bytes) => {
            connection.set_nodelay(true).unwrap();
            bytes.chunks(split.unwrap_or(usize::MAX).max(1)).all(|segment| connection.write_all(segment).is_ok())
        }
    }
}

/// Reads one request, or nothing when the connection is over.
fn read_request(connection: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        if let Some(head_end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..head_end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if bytes.len() >= head_end + 4 + length {
                return Some(String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        match connection.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}
