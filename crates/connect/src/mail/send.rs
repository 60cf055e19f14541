//! A mail, given to a mail server: to an address that may be called, over a connection that the destination's file asks
//! for.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::{Mail, domain};
use crate::destination::{Smtp, Tls};
use crate::is_public;
use crate::outgoing::Failure;

/// How long a mail server may take for one answer, in seconds.
const ANSWER_S_MAX: u64 = 15;

/// Sends a mail. Blocks until the server has answered for it.
pub(crate) fn send(
    mail: &Mail,
    smtp: &Smtp,
    secret: Option<&str>,
    private_allowed: bool,
) -> Result<(), Failure> {
    let message = written(mail)?;
    let mut connection = connected(mail, smtp, secret, private_allowed)?;
    let sent = connection.send(message.envelope(), &message.formatted());
    let sent = sent.map(drop).map_err(|error| {
        if error.is_permanent() {
            Failure::never(in_words(&error))
        } else {
            Failure::later(in_words(&error))
        }
    });
    // The mail is the server's, or isn't, whatever becomes of the parting.
    drop(connection.quit());
    sent
}

fn connected(
    mail: &Mail,
    smtp: &Smtp,
    secret: Option<&str>,
    private_allowed: bool,
) -> Result<SmtpConnection, Failure> {
    let addresses = allowed(smtp, private_allowed)?;
    let failed = |error: Error| Failure::later(in_words(&error));
    let hello = ClientId::Domain(domain(&mail.from));
    let tls = match smtp.tls {
        Tls::None => None,
        Tls::StartTls | Tls::Implicit => Some(parameters(smtp).map_err(failed)?),
    };
    let timeout = Some(Duration::from_secs(ANSWER_S_MAX));
    let at_once = tls.as_ref().filter(|_| smtp.tls == Tls::Implicit);
    let mut connection =
        SmtpConnection::connect(addresses.as_slice(), timeout, &hello, at_once, None).map_err(failed)?;
    if let (Some(tls), Tls::StartTls) = (&tls, smtp.tls) {
        connection.starttls(tls, &hello).map_err(failed)?;
    }
    if let Some(user) = &smtp.user {
        let credentials = Credentials::new(user.clone(), secret.unwrap_or_default().to_owned());
        connection
            .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
            .map_err(failed)?;
    }
    Ok(connection)
}

/// The server's addresses that may be called. They are looked up once, for the check and the call.
fn allowed(smtp: &Smtp, private_allowed: bool) -> Result<Vec<SocketAddr>, Failure> {
    let found = (smtp.host.as_str(), smtp.port)
        .to_socket_addrs()
        .map_err(|error| Failure::later(format!("not reached: {error}")))?;
    let addresses: Vec<SocketAddr> = found
        .filter(|found| private_allowed || is_public(found.ip()))
        .collect();
    if addresses.is_empty() {
        let why = "the address is private; allow private addresses in the configuration to call it";
        return Err(Failure::later(why));
    }
    Ok(addresses)
}

fn parameters(smtp: &Smtp) -> Result<TlsParameters, Error> {
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if let Some(pem) = &smtp.authority {
        builder = builder.add_root_certificate(Certificate::from_pem(pem.as_bytes())?);
    }
    builder.build()
}

/// The mail as it goes over the wire.
fn written(mail: &Mail) -> Result<lettre::Message, Failure> {
    let mailbox = |text: &str| -> Result<Mailbox, Failure> {
        text.parse()
            .map_err(|_| Failure::never(format!("`{text}` is not a mail address")))
    };
    let at = UNIX_EPOCH + Duration::from_millis(mail.date.ms().max(0).unsigned_abs());
    let mut message = lettre::Message::builder()
        .from(mailbox(&mail.from)?)
        .to(mailbox(&mail.to)?)
        .subject(mail.subject.as_str())
        .date(at)
        .message_id(Some(mail.message_id.clone()));
    if let Some(reply) = &mail.reply_to {
        message = message.reply_to(mailbox(reply)?);
    }
    for (name, value) in headers(mail) {
        let header = HeaderValue::dangerous_new_pre_encoded(
            HeaderName::new_from_ascii_str(name),
            value.clone(),
            value,
        );
        message = message.raw_header(header);
    }
    let text = mail.text.clone();
    let built = match &mail.html {
        Some(html) => message.multipart(MultiPart::alternative_plain_html(text, html.clone())),
        None => message.singlepart(SinglePart::plain(text)),
    };
    built.map_err(|error| Failure::never(format!("the mail can't be written: {error}")))
}

/// What mail programs and machines read: that nobody wrote it by hand, or how to have no more of it.
fn headers(mail: &Mail) -> Vec<(&'static str, String)> {
    match &mail.unsubscribe {
        Some(url) => vec![
            ("List-Unsubscribe", format!("<{url}>")),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
        ],
        None => vec![("Auto-Submitted", "auto-generated".to_owned())],
    }
}

/// What went wrong, with its cause, of bounded length.
fn in_words(error: &Error) -> String {
    let mut text = error.to_string();
    if let Some(cause) = std::error::Error::source(error)
        .map(ToString::to_string)
        .filter(|cause| !text.contains(cause))
    {
        text = format!("{text}: {cause}");
    }
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
