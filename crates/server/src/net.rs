//! Connections: accepted within bounds, each with its times, and ended in order when the service is stopped.

use crate::app::App;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;

use crate::settings::{HEAD_BYTES_MAX, HEADERS_MAX};

/// Pause after the system refused a connection, as it does where files run out.
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop` is ready, then lets running requests end within their time. Gives the number of connections that were cut.
pub(crate) async fn serve(
    app: &Arc<App>,
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
) -> usize {
    let limits = app.settings.limits;
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let graceful = GracefulShutdown::new();
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .half_close(false)
        .keep_alive(true);
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, place)) = accepted else {
            tokio::time::sleep(REFUSED_PAUSE).await;
            continue;
        };
        // answers are small and whole: nothing is gained by waiting for more
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.write_time));
        let io = TokioIo::new(Box::pin(stream));
        let connection = builder.serve_connection(io, TowerToHyperService::new(router.clone()));
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            // how a connection ends is the client's affair
            let _ = watched.await;
            drop(place);
        });
    }
    drop(listener);
    app.jobs.cancel_all();
    let open = || limits.connections_max - places.available_permits();
    match tokio::time::timeout(limits.shutdown_time, graceful.shutdown()).await {
        Ok(()) => 0,
        Err(_) => open(),
    }
}

/// The next connection, when there is a place for it: further ones wait in the system's queue.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    let (stream, _) = listener.accept().await.ok()?;
    Some((stream, place))
}
