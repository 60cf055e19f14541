//! A site of somebody else's, on another origin than the server, whose pages a test makes up.

use super::listener::{Listener, Outgoing};

/// A site on a port of its own.
pub struct Site {
    listener: Listener,
}

/// A file of a site.
#[derive(Clone, Debug)]
pub struct SiteFile {
    /// Its type, such as `text/html`.
    pub content_type: &'static str,
    /// What the pages of the site may load and send to.
    pub policy: String,
    /// The file itself.
    pub text: String,
}

impl Site {
    /// Serves what `file` gives for a path without its query.
    ///
    /// # Panics
    /// When no port can be opened.
    pub fn start(file: impl Fn(&str) -> Option<SiteFile> + Send + Sync + 'static) -> Site {
        let listener = Listener::start(move |request| {
            let path = request.path.split('?').next().unwrap_or_default();
            file(path).map_or_else(not_found, found)
        });
        Site { listener }
    }

    /// The site's URL.
    pub fn url(&self) -> String {
        self.listener.url()
    }
}

fn found(file: SiteFile) -> Outgoing {
    let headers = [
        ("Content-Type", file.content_type.to_owned()),
        ("Content-Security-Policy", file.policy),
    ];
    Outgoing {
        status: 200,
        headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
        body: file.text.into_bytes(),
    }
}

fn not_found() -> Outgoing {
    Outgoing {
        status: 404,
        ..Outgoing::default()
    }
}
