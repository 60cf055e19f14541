//! The socket by which the process that holds a data directory is asked: a request a connection, a line each way.

use bellwether_app::{App, ENRICHER_TIMEOUT_S_MAX};

use super::folder::Folder;
use super::perform::perform;
use super::request::{Done, Request};

/// The longest line, in bytes: an agreement of a mebibyte with every character escaped fits in.
const LINE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// How long either end waits for the other, in seconds: longer than the slowest command takes, which is the trial of an
/// enricher that answers at the last moment.
const WAIT_S: u64 = ENRICHER_TIMEOUT_S_MAX + 30;

/// What went over the wire: what was done, or why it wasn't.
type Reply = Result<Done, String>;

#[cfg(unix)]
mod unix {
    use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::net::UnixStream;
    use std::path::PathBuf;
    use std::time::Duration;

    use anyhow::Context as _;
    use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::UnixListener;

    use super::{App, Done, Folder, LINE_BYTES_MAX, Reply, Request, WAIT_S, perform};

    /// The socket's file, which goes when this does.
    pub(crate) struct Listening {
        path: PathBuf,
        task: tokio::task::JoinHandle<()>,
    }

    impl Drop for Listening {
        fn drop(&mut self) {
            self.task.abort();
            // Where it can't be removed, the next process to hold the directory does.
            let _ = std::fs::remove_file(&self.path);
        }
    }

    /// Answers requests from now on. Only whoever holds the directory may call this: it clears away a socket that a
    /// process left behind which was killed.
    pub(crate) fn listen(folder: &Folder, app: &App) -> anyhow::Result<Listening> {
        let path = folder.socket();
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("`{}` can't be removed", path.display()));
            }
            _ => {}
        }
        let listener =
            UnixListener::bind(&path).with_context(|| format!("`{}` can't be made", path.display()))?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        let (app, data) = (app.clone(), folder.path().to_owned());
        let task = tokio::spawn(async move {
            // One at a time: these are an operator's commands, typed by hand.
            while let Ok((stream, _)) = listener.accept().await {
                let answered = answer(&app, &data, stream);
                match tokio::time::timeout(Duration::from_secs(WAIT_S), answered).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => {
                        tracing::warn!(error = %error, "a command on this machine wasn't answered");
                    }
                    Err(_) => tracing::warn!(wait_s = WAIT_S, "a command on this machine took too long"),
                }
            }
        });
        Ok(Listening { path, task })
    }

    async fn answer(
        app: &App,
        data: &std::path::Path,
        mut stream: tokio::net::UnixStream,
    ) -> anyhow::Result<()> {
        let (reading, mut writing) = stream.split();
        let mut line = Vec::new();
        tokio::io::BufReader::new(reading.take(LINE_BYTES_MAX))
            .read_until(b'\n', &mut line)
            .await?;
        let reply: Reply = match serde_json::from_slice::<Request>(&line) {
            Ok(request) => perform(app, data, request)
                .await
                .map_err(|error| format!("{error:#}")),
            Err(_) => Err("the server that holds the data is of another version; restart it".to_owned()),
        };
        let mut text = serde_json::to_vec(&reply)?;
        text.push(b'\n');
        writing.write_all(&text).await?;
        writing.shutdown().await?;
        Ok(())
    }

    /// Asks the process that holds the directory.
    pub(crate) fn ask(folder: &Folder, request: &Request) -> anyhow::Result<Done> {
        let mut stream = UnixStream::connect(folder.socket())
            .context("it doesn't answer; wait until it has started, or stop it")?;
        let wait = Some(Duration::from_secs(WAIT_S));
        stream.set_read_timeout(wait)?;
        stream.set_write_timeout(wait)?;
        let mut text = serde_json::to_vec(request)?;
        text.push(b'\n');
        stream.write_all(&text)?;
        let mut line = String::new();
        BufReader::new(stream.take(LINE_BYTES_MAX))
            .read_line(&mut line)
            .context("it didn't answer in time")?;
        let reply: Reply = serde_json::from_str(&line).context("it is of another version; restart it")?;
        reply.map_err(anyhow::Error::msg)
    }
}

#[cfg(unix)]
pub(crate) use unix::{Listening, ask, listen};
