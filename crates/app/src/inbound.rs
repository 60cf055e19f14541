//! What scheduling tools send: known by a secret, read, and taken as facts of the lead that was invited.

use bellwether_connect::meetings::{
    Read, SECRET_BYTES_MAX, SECRET_BYTES_MIN, Tool, Unsigned, calendly, chili_piper,
};

use crate::{App, AppError};

/// How many sources there may be.
const SOURCES_MAX: usize = 50;
/// The longest name of a source, in bytes.
const SOURCE_BYTES_MAX: usize = 40;

/// A source of meetings, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundView {
    /// Which tool: `calendly`, `chili-piper`.
    pub tool: String,
    /// What the source is called.
    pub source: String,
}

/// What a request shows of its origin.
#[derive(Clone, Default)]
pub struct HookOrigin {
    /// The header with the signature.
    pub signature: Option<String>,
    /// The header with the time of the signature, where that is one of its own.
    pub signed_at: Option<String>,
    /// The token of the address.
    pub token: Option<String>,
}

impl std::fmt::Debug for HookOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HookOrigin").finish_non_exhaustive()
    }
}

/// Why nothing was taken.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// Nobody set a secret for this source.
    #[error("there is no such source; `bellwether inbound set` makes one")]
    NoSource,
    /// It isn't the tool's own.
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
    /// It can't be kept just now; the tool sends it again.
    #[error(transparent)]
    App(#[from] AppError),
}

impl App {
    /// Takes what a tool sends to one of its sources with this secret from now on.
    pub async fn set_inbound(&self, tool: &str, source: &str, secret: &str) -> Result<(), AppError> {
        let name = name_of(tool, source)?;
        let secret = secret.trim().to_owned();
        let sized = (SECRET_BYTES_MIN..=SECRET_BYTES_MAX).contains(&secret.len());
        if !sized || secret.contains(char::is_control) {
            let message =
                format!("a secret is {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes of text on one line");
            return Err(invalid("secret", message));
        }
        self.write(move |committer| {
            let known = committer.db.inbound_names()?;
            if known.len() >= SOURCES_MAX && !known.contains(&name) {
                let message = format!("there are {SOURCES_MAX} sources already; remove one first");
                return Ok(Err(AppError::Conflict { message }));
            }
            committer.db.put_inbound_secret(&name, secret.as_bytes())?;
            Ok(Ok(()))
        })
        .await
    }

    /// The sources that meetings come from.
    pub async fn inbound(&self) -> Result<Vec<InboundView>, AppError> {
        let names = self.read(|db| Ok(db.inbound_names()?)).await?;
        let views = names.iter().filter_map(|name| {
            let (tool, source) = name.split_once('/')?;
            Some(InboundView {
                tool: tool.to_owned(),
                source: source.to_owned(),
            })
        });
        Ok(views.collect())
    }

    /// Takes nothing more from a source; what it brought stays.
    pub async fn remove_inbound(&self, tool: &str, source: &str) -> Result<(), AppError> {
        let name = name_of(tool, source)?;
        self.write(move |committer| {
            let removed = committer.db.remove_inbound_secret(&name)?;
            Ok(removed.then_some(()).ok_or(AppError::NotFound {
                what: "source",
                id: name,
            }))
        })
        .await
    }

    /// Takes what a tool sent. When this resolves, what follows from it is durable; whatever can't be used is listed.
    pub async fn take_hook(
        &self,
        tool: Tool,
        source: &str,
        origin: HookOrigin,
        body: Vec<u8>,
    ) -> Result<(), HookError> {
        let Ok(name) = name_of(tool.as_str(), source) else {
            return Err(HookError::NoSource);
        };
        let wanted = name.clone();
        let secret = self.read(move |db| Ok(db.inbound_secret(&wanted)?)).await?;
        let secret = secret.and_then(|bytes| String::from_utf8(bytes).ok());
        let secret = secret.ok_or(HookError::NoSource)?;
        let now = self.now();
        let read = match tool {
            Tool::Calendly => {
                calendly::verify(&secret, origin.signature.as_deref(), &body, now)?;
                calendly::read(&body)
            }
            Tool::ChiliPiper => {
                let shown = chili_piper::Shown {
                    signature: origin.signature.as_deref(),
                    signed_at: origin.signed_at.as_deref(),
                    token: origin.token.as_deref(),
                };
                chili_piper::verify(&secret, shown, &body, now)?;
                chili_piper::read(&body)
            }
        };
        self.write(move |committer| {
            match read {
                Read::Meeting(meeting) => committer.take_meeting(&name, &meeting, now)?,
                Read::Unused(told) => committer.find_inbound("unused_inbound", &name, &told, now),
                Read::Unusable(why) => committer.find_inbound("unusable_inbound", &name, why, now),
            }
            Ok(Ok(()))
        })
        .await?;
        Ok(())
    }
}

/// What a source's secret is kept under.
fn name_of(tool: &str, source: &str) -> Result<String, AppError> {
    if Tool::named(tool).is_none() {
        let known = Tool::ALL.map(Tool::as_str).join("`, `");
        return Err(invalid(
            "tool",
            format!("there is no tool `{tool}`; there are `{known}`"),
        ));
    }
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if source.is_empty() || source.len() > SOURCE_BYTES_MAX || !source.bytes().all(plain) {
        let message =
            format!("a source's name is 1 to {SOURCE_BYTES_MAX} lower-case letters, digits and hyphens");
        return Err(invalid("source", message));
    }
    Ok(format!("{tool}/{source}"))
}

fn invalid(field: &'static str, message: String) -> AppError {
    AppError::Invalid { field, message }
}
