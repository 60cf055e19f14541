//! One kept-alive HTTP/1.1 connection, by hand: the generator shares the machine with the server it measures, so it does
//! as little as it can.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use base64::{Engine as _, prelude::BASE64_STANDARD};

/// No answer for this long is an error, not a slow server.
const ANSWER_SECONDS_MAX: u64 = 30;

pub(super) struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
    authorization: String,
    request: Vec<u8>,
    body: Vec<u8>,
}

/// What the server answered.
pub(super) struct Answer {
    pub(super) status: u16,
    /// The wait that it asked for, with 429 and 503.
    pub(super) retry_after: Duration,
}

impl Connection {
    /// Connects to a URL such as `http://127.0.0.1:7878`, to send with this write key.
    pub(super) fn open(url: &str, write_key: &str) -> Result<Connection> {
        let host = url
            .strip_prefix("http://")
            .context("the URL must begin with `http://`")?
            .trim_end_matches('/');
        let stream = TcpStream::connect(host).with_context(|| format!("cannot connect to {host}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(ANSWER_SECONDS_MAX)))?;
        Ok(Connection {
            stream: BufReader::new(stream),
            host: host.to_owned(),
            authorization: BASE64_STANDARD.encode(format!("{write_key}:")),
            request: Vec::new(),
            body: Vec::new(),
        })
    }

    /// Posts JSON and waits for the whole answer.
    pub(super) fn post(&mut self, path: &str, json: &str) -> Result<Answer> {
        self.request.clear();
        write!(
            self.request,
            "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}",
            self.host,
            self.authorization,
            json.len(),
        )?;
        self.stream
            .get_mut()
            .write_all(&self.request)
            .context("cannot send a request")?;
        self.read_answer()
    }

    /// The text of the answer that was read last.
    pub(super) fn last_body(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn read_answer(&mut self) -> Result<Answer> {
        let status_line = self.read_line()?;
        let status = status_line
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("`{status_line}` is no status line"))?;
        let mut length = 0;
        let mut retry_after = Duration::ZERO;
        loop {
            let line = self.read_line()?;
            if line.is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(':') else {
                bail!("`{line}` is no header")
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse()?,
                "retry-after" => retry_after = Duration::from_secs(value.trim().parse()?),
                "transfer-encoding" => bail!("the server answers in chunks, which this client doesn't read"),
                _ => {}
            }
        }
        self.body.resize(length, 0);
        self.stream
            .read_exact(&mut self.body)
            .context("the answer ended early")?;
        Ok(Answer { status, retry_after })
    }

    fn read_line(&mut self) -> Result<String> {
        let mut line = String::new();
        let read = self
            .stream
            .read_line(&mut line)
            .context("cannot read an answer")?;
        if read == 0 {
            bail!("the server closed the connection");
        }
        Ok(line.trim_end().to_owned())
    }
}
