//! Where mails go in tests: a mail server that takes everything, in the clear, and hands each mail on as it came. Encryption
//! and passwords are for Python's own, which the tests of the binary start.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// A mail that doesn't come for this long fails a test.
const MAIL_SECONDS_MAX: u64 = 30;

/// A mail as it came.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The addresses that it was given for.
    pub to: Vec<String>,
    /// Headers and body, with lines that end in `\n`.
    pub raw: String,
}

impl Mail {
    /// The value of the first header of this name, given in lower case; nothing of a value's further lines.
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.raw.split("\n\n").next().unwrap_or_default();
        let mut headers = head.lines().filter_map(|line| line.split_once(':'));
        let found = headers.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    /// The part of this type, such as `text/html`, decoded; nothing where the mail has none.
    pub fn part(&self, media_type: &str) -> Option<String> {
        let heading = format!("Content-Type: {media_type}");
        let (_, part) = self.raw.split_once(&heading)?;
        let (head, body) = part.split_once("\n\n")?;
        let body = body.split("\n--").next().unwrap_or_default();
        if head.to_lowercase().contains("quoted-printable") {
            return Some(unquoted(body));
        }
        Some(body.to_owned())
    }
}

/// A text out of quoted-printable (RFC 2045).
fn unquoted(body: &str) -> String {
    let mut bytes = Vec::with_capacity(body.len());
    let mut rest = body.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (*first, after) {
            (b'=', [b'\n', after @ ..]) => rest = after,
            (b'=', [high, low, after @ ..]) => {
                let pair = [char::from(*high), char::from(*low)];
                let digits = pair.map(|digit| digit.to_digit(16).unwrap_or_default());
                bytes.extend(u8::try_from(digits[0] * 16 + digits[1]));
                rest = after;
            }
            (plain, _) => bytes.push(plain),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A mail server on a port of its own, until it is dropped.
pub struct MailServer {
    address: SocketAddr,
    mails: mpsc::Receiver<Mail>,
    is_ending: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

impl MailServer {
    /// A server that takes every mail.
    ///
    /// # Panics
    /// When no port can be opened.
    pub fn start() -> MailServer {
        MailServer::answering(|| true)
    }

    /// A server that, once a mail has come whole, says that it is taken where it is told so; else it says nothing, and the
    /// connection ends.
    ///
    /// # Panics
    /// When no port can be opened.
    pub fn answering(takes: impl Fn() -> bool + Send + Sync + 'static) -> MailServer {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a local port can be opened");
        let address = listener.local_addr().expect("an open port has an address");
        let (sender, mails) = mpsc::channel();
        let is_ending = Arc::new(AtomicBool::new(false));
        let (ending, takes) = (Arc::clone(&is_ending), Arc::new(takes));
        let acceptor = thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ending.load(Ordering::Acquire) {
                    return;
                }
                let (takes, sender) = (Arc::clone(&takes), sender.clone());
                // A client that goes away in the middle is none of the test's business.
                thread::spawn(move || serve(stream, takes.as_ref(), &sender).unwrap_or_default());
            }
        });
        MailServer {
            address,
            mails,
            is_ending,
            acceptor: Some(acceptor),
        }
    }

    /// The port that it listens at, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The next mail; waits for it.
    ///
    /// # Panics
    /// When none comes.
    pub fn next(&self) -> Mail {
        let waited = self.mails.recv_timeout(Duration::from_secs(MAIL_SECONDS_MAX));
        waited.expect("a mail is sent in time")
    }

    /// What has come and was not yet looked at.
    pub fn rest(&self) -> Vec<Mail> {
        self.mails.try_iter().collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.is_ending.store(true, Ordering::Release);
        // A connection of our own wakes the acceptor, which then sees that it is over.
        drop(TcpStream::connect(self.address));
        if let Some(acceptor) = self.acceptor.take() {
            acceptor.join().unwrap_or_default();
        }
    }
}

/// One connection, in the words of RFC 5321.
fn serve(stream: TcpStream, takes: &impl Fn() -> bool, mails: &mpsc::Sender<Mail>) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut to = Vec::new();
    say(&mut reader, "220 ready")?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_ascii_uppercase();
        if command == "QUIT" {
            return say(&mut reader, "221 bye");
        }
        if command == "DATA" {
            say(&mut reader, "354 go on")?;
            let raw = read_mail(&mut reader)?;
            let to = std::mem::take(&mut to);
            let taken = takes();
            // The test may be over, with nobody left to read.
            let _ = mails.send(Mail { to, raw });
            if !taken {
                return Ok(());
            }
        } else if command.starts_with("RCPT TO:") {
            let address = line.split(['<', '>']).nth(1).unwrap_or_default();
            to.push(address.to_owned());
        }
        say(&mut reader, "250 fine")?;
    }
}

fn say(reader: &mut BufReader<TcpStream>, words: &str) -> io::Result<()> {
    reader.get_mut().write_all(format!("{words}\r\n").as_bytes())
}

/// Headers and body up to the line with a full stop alone; of a line that begins with one, the first is taken away.
fn read_mail(reader: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut raw = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end_matches(['\r', '\n']);
        if line == "." {
            return Ok(raw);
        }
        raw.push_str(line.strip_prefix('.').unwrap_or(line));
        raw.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_out_of_its_coding() {
        let mail = Mail {
            to: Vec::new(),
            raw: "Subject: Hi\nContent-Type: multipart/alternative\n\n--b\nContent-Type: text/plain; charset=utf-8\n\
                  Content-Transfer-Encoding: quoted-printable\n\na=3Db, a long =\nline\n--b\n"
                .to_owned(),
        };
        assert_eq!(mail.header("subject"), Some("Hi"));
        assert_eq!(mail.part("text/plain").as_deref(), Some("a=b, a long line"));
        assert_eq!(mail.part("text/html"), None);
    }

    #[test]
    fn a_mail_is_handed_on_with_whom_it_is_for() {
        let server = MailServer::start();
        let mut stream = TcpStream::connect(server.address).unwrap();
        let said = "EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\nSubject: Hi\r\n\r\n..\r\n.\r\n";
        stream.write_all(said.as_bytes()).unwrap();
        let mail = server.next();
        assert_eq!(
            (mail.to, mail.raw),
            (vec!["b@x.example".to_owned()], "Subject: Hi\n\n.\n".to_owned())
        );
    }
}
