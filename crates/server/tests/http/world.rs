//! A simulated world in a store, and services over it.

use athar_engine::lists::ReadOptions;
use athar_engine::write::{IngestSettings, import_labels, import_lists, import_prices, ingest_bitcoin};
use athar_engine::{Clustering, Day, Engine, Options, PricesOptions};
use athar_server::{Limits, LogLevel, People, Server, Settings, Transport, Upkeep};
use athar_simulate::simulate;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;

const DAY: Day = Day(20_000);

/// A store, made once in a process.
pub(crate) struct World {
    pub(crate) store: PathBuf,
    /// An address that a list designates.
    pub(crate) listed: String,
    /// Some transaction.
    pub(crate) txid: String,
    /// Two addresses of one entity.
    pub(crate) tied: [String; 2],
}

pub(crate) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("athar-http-{}", std::process::id()));
        let (world, store) = (folder.join("world"), folder.join("store"));
        simulate(&athar_simulate::Settings::economy(77, 10_000, &world), &mut |_| ()).unwrap();
        ingest(&store, &world.join("blocks"));
        import_labels(&store, &[world.join("analyst/labels.csv")], DAY, None).unwrap();
        let prices = [world.join("analyst/prices.csv")];
        import_prices(&store, &prices, &PricesOptions { today: DAY, ..PricesOptions::default() }).unwrap();
        for (day, rows) in [("2020-01-01", "1,Ahmad Hassan\n"), ("2021-01-01", "1,Ahmad Hassan\n2,حسن أحمد\n")] {
            let list = folder.join("people.csv");
            std::fs::write(&list, format!("id,name\n{rows}")).unwrap();
            let options = ReadOptions {
                list: Some("people".into()),
                as_of: Some(day.parse().unwrap()),
                ..ReadOptions::default()
            };
            let import = import_lists(&store, &[list], &options, DAY).unwrap();
            assert!(import.lists.refused.is_empty(), "{:?}", import.lists.refused);
        }
        let engine = Engine::open(&store, &Options::default()).unwrap();
        let labels = engine.labels(None, athar_engine::read::LabelsOf::InUse, 0, 10_000).unwrap().labels;
        let designated = labels.iter().find(|l| l.basis.name() == "designation").unwrap();
        let entity = labels
            .iter()
            .filter_map(|label| engine.entity(&label.subject, 0, Some(2)).unwrap())
            .find(|entity| entity.addresses.len() == 2)
            .unwrap();
        let block = engine.block("100").unwrap().unwrap();
        World {
            listed: designated.subject.clone(),
            txid: block.txs[0].to_string(),
            tied: [entity.addresses[0].clone(), entity.addresses[1].clone()],
            store,
        }
    })
}

fn ingest(store: &Path, blocks: &Path) {
    let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings: vec![Clustering::default()] };
    ingest_bitcoin(store, blocks, settings, &mut |_| true).unwrap();
}

/// What a service has logged.
#[derive(Clone, Default)]
pub(crate) struct LogLines(Arc<Mutex<Vec<u8>>>);

impl LogLines {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for LogLines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A running service; stopped when it is dropped.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    pub(crate) log: LogLines,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<usize>>,
}

impl Service {
    /// Stops it and gives the number of connections that were cut.
    pub(crate) fn stop(&mut self) -> Option<usize> {
        let _ = self.stop.take()?.send(());
        self.thread.take()?.join().ok()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop();
    }
}

pub(crate) fn settings(store: &Path) -> Settings {
    Settings {
        store: store.into(),
        options: Options::default(),
        listen: "127.0.0.1:0".parse().unwrap(),
        keys: None,
        workers: 2,
        log: LogLevel::Requests,
        limits: Limits::for_workers(2),
        // nothing leaves the machine
        upkeep: Upkeep { deliver: false, ..Upkeep::default() },
        transport: Transport::default(),
        people: People::default(),
    }
}

pub(crate) fn start(settings: Settings) -> Service {
    let log = LogLines::default();
    let server = Server::bind(settings, log.clone()).unwrap();
    let address = server.address();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        server.run(async {
            let _ = stopped.await;
        })
    });
    Service { address, log, stop: Some(stop), thread: Some(thread) }
}

/// A service without keys that all tests share which change nothing.
pub(crate) fn shared() -> SocketAddr {
    static SHARED: OnceLock<Service> = OnceLock::new();
    SHARED.get_or_init(|| start(settings(&world().store))).address
}
