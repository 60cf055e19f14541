//! A webhook's receiver, as little of one as will do: it notes when each message's first bytes reached its socket, and of
//! which lead it tells.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc::Sender,
    thread,
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// A message that came.
pub(super) struct Received {
    /// When its first bytes were there.
    pub(super) at: Instant,
    /// The number of the lead that it tells of.
    pub(super) lead: u32,
}

/// Answers every message with 204 on threads of its own, for as long as the process lives.
pub(super) fn start(listener: TcpListener, received: Sender<Received>) {
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let received = received.clone();
            thread::spawn(move || {
                // A connection that breaks off is the sender's to open again.
                let _ = serve(stream, &received);
            });
        }
    });
}

fn serve(stream: TcpStream, received: &Sender<Received>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    loop {
        if stream.fill_buf()?.is_empty() {
            return Ok(());
        }
        let at = Instant::now();
        let body = read_request(&mut stream)?;
        stream.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n")?;
        let message: Value = serde_json::from_slice(&body).context("a message is no JSON")?;
        if message["type"] == "lead.qualified" {
            let lead = lead_of(&message).with_context(|| format!("no lead in {message}"))?;
            received.send(Received { at, lead })?;
        }
    }
}

/// Reads a request's head and body; gives the body.
fn read_request(stream: &mut BufReader<TcpStream>) -> Result<Vec<u8>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            bail!("a request ended in its head");
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(body)
}

/// The load's leads have their number in their address: `person17@company4.example`.
fn lead_of(message: &Value) -> Option<u32> {
    let email = message.pointer("/data/lead/email")?.as_str()?;
    email.strip_prefix("person")?.split('@').next()?.parse().ok()
}
