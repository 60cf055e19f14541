//! A server that runs: the data directory held, the address bound, the use cases open; and how it stops.

use std::io::{ErrorKind, Write as _};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use bellwether_app::{App, Clock, Entropy, Options};
use bellwether_server::{ServerOptions, VisitorOptions, router, serve};
use tokio::net::TcpListener;

use super::ListenArgs;
use crate::console::{Folder, Hold, Listening, listen};

/// What a server is started with.
pub(crate) struct Setup<'a> {
    /// How the use cases run.
    pub(crate) options: Options,
    /// Where it listens.
    pub(crate) listen: &'a ListenArgs,
    /// What is made of visitors' addresses.
    pub(crate) visitors: VisitorOptions,
}

/// A server that could be started. Nothing is served before [`Running::serve`].
pub(crate) struct Running {
    /// The use cases.
    pub(crate) app: App,
    /// Where it listens: `http://127.0.0.1:7878`.
    pub(crate) url: String,
    /// Whether the database had an agreement before.
    pub(crate) had_agreement: bool,
    listener: TcpListener,
    server: ServerOptions,
    _socket: Listening,
    _hold: Hold,
}

impl Running {
    /// Takes hold of the directory, binds the address and opens the database, in the order of what fails most often.
    pub(crate) async fn start(setup: Setup<'_>) -> anyhow::Result<Self> {
        let folder = Folder::make(&setup.options.data_dir)?;
        let hold = folder.hold()?;
        let path = folder.path().display();
        if matches!(hold, Hold::Anothers) {
            bail!(
                "another process holds `{path}`; stop that one, or give this one a directory of its own with --data"
            );
        }
        let listener = bind(&setup.listen.listen).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let server = ServerOptions {
            clock: Arc::clone(&setup.options.clock) as Arc<dyn Clock>,
            entropy: Arc::clone(&setup.options.entropy) as Arc<dyn Entropy>,
            public_url: setup.listen.public_url.clone(),
            visitors: setup.visitors,
        };
        let had_agreement = folder.has_database();
        let opening = tokio::task::spawn_blocking(move || App::open(setup.options));
        let app = opening
            .await?
            .with_context(|| format!("the database in `{path}` can't be opened"))?;
        let socket = listen(&folder, &app)?;
        Ok(Self {
            app,
            url,
            had_agreement,
            listener,
            server,
            _socket: socket,
            _hold: hold,
        })
    }

    /// Serves until it is interrupted or asked to end; then what is open may end in its time.
    pub(crate) async fn serve(self) -> anyhow::Result<()> {
        let routes = router(self.app.clone(), self.server);
        say(&format!("listening on {}", self.url))?;
        tracing::info!(listen.url = %self.url, "ready");
        reread_at_hangup(&self.app)?;
        serve(self.listener, routes, asked_to_end()?)
            .await
            .context("the address can't be listened on any more")?;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Has the files that name visitors' companies looked at as soon as the process is told to.
fn reread_at_hangup(app: &App) -> anyhow::Result<()> {
    #[cfg(unix)]
    if app.tells_networks() {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut hangup, app) = (signal(SignalKind::hangup())?, app.clone());
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                app.reread_networks();
            }
        });
    }
    #[cfg(not(unix))]
    let _ = app;
    Ok(())
}

/// Prints lines on standard output at once, whatever that is.
pub(crate) fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", text.trim_end())
        .and_then(|()| out.flush())
        .context("standard output can't be written")
}

/// Logs go to standard error, with colours where somebody looks.
pub(crate) fn start_logs(filter: &str) -> anyhow::Result<()> {
    use std::io::IsTerminal as _;
    let filter = tracing_subscriber::EnvFilter::try_new(filter)
        .with_context(|| format!("`{filter}` doesn't say what to log; try `info` or `debug`"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    Ok(())
}

async fn bind(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let why = match error.kind() {
            ErrorKind::AddrInUse => {
                format!("`{address}` is taken by another process; stop that one, or listen elsewhere with --listen 127.0.0.1:0")
            }
            ErrorKind::PermissionDenied => {
                format!("this user may not listen on `{address}`; take a port above 1023")
            }
            ErrorKind::AddrNotAvailable => format!("this machine has no address `{address}`"),
            ErrorKind::InvalidInput => {
                format!("`{address}` is no address to listen on; write it like `127.0.0.1:7878`")
            }
            _ => format!("`{address}` can't be listened on"),
        };
        anyhow::Error::new(error).context(why)
    })
}

/// Resolves at an interrupt or when the system asks the process to end.
fn asked_to_end() -> anyhow::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            tracing::info!("asked to end; open requests may end first");
        })
    }
    #[cfg(not(unix))]
    {
        Ok(async {
            // Where it can't be waited for, the process is ended by the system.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}
