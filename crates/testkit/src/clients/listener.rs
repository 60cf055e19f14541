//! A minimal HTTP/1.1 server for the other side of a test: one request a connection, one thread each, whole bodies only.

use std::{
    fmt::Write as _,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// Names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Incoming {
    /// The value of the first header of this name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What is answered; with the status 0, nothing is, and the connection ends.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// The status.
    pub status: u16,
    /// Headers beside those that every answer has.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// A server that answers through one function until it is dropped.
pub(super) struct Listener {
    address: SocketAddr,
    is_ending: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

impl Listener {
    /// Listens on a free port.
    pub(super) fn start(answer: impl Fn(Incoming) -> Outgoing + Send + Sync + 'static) -> Listener {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a local port can be opened");
        let address = listener.local_addr().expect("an open port has an address");
        let is_ending = Arc::new(AtomicBool::new(false));
        let ending = Arc::clone(&is_ending);
        let answer = Arc::new(answer);
        let acceptor = thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ending.load(Ordering::Acquire) {
                    return;
                }
                let answer = Arc::clone(&answer);
                // A client that goes away in the middle is none of the test's business.
                thread::spawn(move || serve(stream, answer.as_ref()).unwrap_or_default());
            }
        });
        Listener {
            address,
            is_ending,
            acceptor: Some(acceptor),
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.is_ending.store(true, Ordering::Release);
        // A connection of our own wakes the acceptor, which then sees that it is over.
        drop(TcpStream::connect(self.address));
        if let Some(acceptor) = self.acceptor.take() {
            acceptor.join().unwrap_or_default();
        }
    }
}

fn serve(stream: TcpStream, answer: &(impl Fn(Incoming) -> Outgoing + ?Sized)) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let Some(request) = read_request(&mut reader)? else {
        return Ok(());
    };
    let answered = answer(request);
    if answered.status == 0 {
        return Ok(());
    }
    let mut head = format!("HTTP/1.1 {} -\r\nConnection: close\r\n", answered.status);
    for (name, value) in &answered.headers {
        write!(head, "{name}: {value}\r\n").map_err(io::Error::other)?;
    }
    write!(head, "Content-Length: {}\r\n\r\n", answered.body.len()).map_err(io::Error::other)?;
    let stream = reader.get_mut();
    stream.write_all(head.as_bytes())?;
    stream.write_all(&answered.body)
}

fn read_request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Incoming>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Incoming {
        method,
        path,
        headers,
        body,
    }))
}
