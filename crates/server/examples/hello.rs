//! A handler that says hello, on the same libraries as the service and with as many threads: what `bench-peers/http/run.sh` holds
//! the service against. Prints where it listens.

use axum::Router;
use axum::routing::get;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", listener.local_addr()?);
        let router = Router::new().route("/", get(|| async { "hello" }));
        // as the service has it: no waiting for more bytes to send
        use axum::serve::ListenerExt;
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router).await?;
        Ok(())
    })
}
