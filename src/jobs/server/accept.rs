//! Connections: how many there may be, how slowly a head may come, and how they end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Connections at a time; further ones wait in the queue of the system.
pub(super) const MOST_CONNECTIONS: usize = 512;

/// The head of a request must be there within this time, and a connection that asks nothing is closed after it.
const SLOWEST_HEAD: Duration = Duration::from_secs(15);

/// A head may be so large, in bytes.
const LARGEST_HEAD: usize = 64 << 10;

/// A connection that is in the middle of something at the end may take so long to finish.
const GRACE: Duration = Duration::from_secs(3);

/// Serves HTTP/1 and HTTP/2 without TLS on one port until the end.
pub(super) async fn serve(listener: TcpListener, app: Router, end: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(SLOWEST_HEAD).max_buf_size(LARGEST_HEAD);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(SLOWEST_HEAD)).max_header_list_size(64 << 10);
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
        let service = TowerToHyperService::new(app.clone());
        let served = graceful.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned());
        tokio::spawn(async move {
            // A client that disconnects is not an error of the server.
            let _ = served.await;
            drop(place);
        });
    }
    drop(listener);
    // A stream without a reader is not waited for.
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(GRACE) => {}
    }
}
