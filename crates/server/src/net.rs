//! Connections: accepted within bounds, encrypted where asked for, each with its times, and ended in order when the service is
//! stopped.

use crate::app::App;
use crate::auth::Peer;
use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use crate::settings::{HEAD_BYTES_MAX, HEADERS_MAX};

/// Pause after the system refused a connection, as it does where files run out.
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// Connections that the system keeps until they are accepted. Of the usual 128 many browsers that come at once find no room, and ask
/// again only after a second.
const WAITING_MAX: u32 = 4_096;

/// Takes an address to listen on.
pub(crate) fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // a service that starts again need not wait for connections of the one before to be forgotten; where the system is to find a
    // port, it might else find one that another has taken and does not listen on yet
    #[cfg(unix)]
    if address.port() != 0 {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    socket.listen(WAITING_MAX)
}

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
        let Ok(ip) = stream.peer_addr().map(|peer| peer.ip()) else { continue };
        let (builder, router, watcher) = (builder.clone(), router.clone(), graceful.watcher());
        // the certificate of this moment: a renewed one holds for the next connection
        let acceptor = app.tls.as_ref().map(crate::tls::Tls::acceptor);
        tokio::spawn(async move {
            let peer = Peer { ip, tls: acceptor.is_some() };
            match acceptor {
                None => talk(&builder, stream, peer, router, limits.write_time, watcher).await,
                Some(acceptor) => {
                    // who begins a handshake and does not go on is cut off like one who trickles headers
                    let shaken = tokio::time::timeout(limits.head_time, acceptor.accept(stream)).await;
                    if let Ok(Ok(stream)) = shaken {
                        talk(&builder, stream, peer, router, limits.write_time, watcher).await;
                    }
                }
            }
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

/// Answers what comes over one connection. How it ends is the client's affair.
async fn talk(
    builder: &http1::Builder,
    stream: impl AsyncRead + AsyncWrite + Send + 'static,
    peer: Peer,
    router: Router,
    write_time: Duration,
    watcher: Watcher,
) {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(write_time));
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        request
    });
    let connection = builder.serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(service));
    let _ = watcher.watch(connection).await;
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
