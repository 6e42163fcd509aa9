//! Connections: how many there may be, how slowly a head may come, and how they end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Maximum concurrent connections; further ones wait in the queue of the system.
pub(super) const MOST_CONNECTIONS: usize = 512;

/// The head of a request must arrive within this time, and an idle connection is closed after it.
const SLOWEST_HEAD: Duration = Duration::from_secs(15);

/// The largest head of a request, in bytes.
const LARGEST_HEAD: usize = 64 << 10;

/// The first bytes of an HTTP/2 connection.
const HTTP_2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long a busy connection may take to finish when the server ends.
const GRACE: Duration = Duration::from_secs(3);

/// Serves HTTP/1 and HTTP/2 without TLS on one port until the end.
pub(super) async fn serve(listener: TcpListener, app: Router, end: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(SLOWEST_HEAD).max_buf_size(LARGEST_HEAD);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(SLOWEST_HEAD)).max_header_list_size(64 << 10);
    let (ending, ended) = watch::channel(());
    tokio::pin!(end);
    loop {
        let place = tokio::select! {
            () = &mut end => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let connection = tokio::select! {
            () = &mut end => break,
            connection = listener.accept() => connection,
        };
        let stream = match connection {
            Ok((stream, _)) => stream,
            // No file descriptor is left, or the client has disconnected: the next one may succeed.
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            }
        };
        // Otherwise each event of a stream would wait for the one before to be acknowledged.
        let _ = stream.set_nodelay(true);
        let (watcher, builder, app, mut ended) = (graceful.watcher(), builder.clone(), app.clone(), ended.clone());
        tokio::spawn(async move {
            let has_begun = tokio::select! {
                begun = tokio::time::timeout(SLOWEST_HEAD, begins(&stream)) => begun.unwrap_or(false),
                // Fails when the server ends.
                _ = ended.changed() => false,
            };
            if has_begun {
                let served = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
                // A client that disconnects is not an error of the server.
                let _ = watcher.watch(served.into_owned()).await;
            }
            drop(place);
        });
    }
    drop(ending);
    drop(listener);
    // A stream without a reader is not waited for.
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(GRACE) => {}
    }
}

/// Waits until a client has sent enough to tell its version of HTTP, which is looked for without a limit in time. False
/// if the client has disconnected.
async fn begins(stream: &TcpStream) -> bool {
    let mut first = [0; HTTP_2.len()];
    loop {
        match stream.peek(&mut first).await {
            Ok(0) | Err(_) => return false,
            Ok(count) if count == HTTP_2.len() || !HTTP_2.starts_with(&first[..count]) => return true,
            // The same bytes are there again at once.
            Ok(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}
