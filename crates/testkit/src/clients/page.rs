//! A site of somebody else's, on another origin than the server: a few pages that load Segment's browser library from its
//! npm install.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::listener::{Incoming, Listener, Outgoing};

/// A site on a port of its own.
pub struct Page {
    listener: Listener,
}

impl Page {
    /// Serves the folder's `page.html` at every path without an extension, its other files by name, the library's files
    /// below `/library/`, and at `/settings.js` where the server is and with which key to write.
    ///
    /// # Panics
    /// When no port can be opened.
    pub fn start(folder: &Path, library: &Path, server: &str, write_key: &str) -> Page {
        let (folder, library) = (folder.to_path_buf(), library.to_path_buf());
        let settings = serde_json::json!({ "server": server, "writeKey": write_key });
        let settings = format!("window.settings = {settings};\n");
        let listener = Listener::start(move |request| answer(&request, &folder, &library, &settings));
        Page { listener }
    }

    /// The site's URL.
    pub fn url(&self) -> String {
        self.listener.url()
    }
}

fn answer(request: &Incoming, folder: &Path, library: &Path, settings: &str) -> Outgoing {
    let path = request.path.split('?').next().unwrap_or_default();
    if path == "/settings.js" {
        return found("text/javascript", settings.as_bytes().to_vec());
    }
    let Some(file) = file(path, folder, library) else {
        return not_found();
    };
    match fs::read(&file) {
        Ok(bytes) => found(content_type(&file), bytes),
        Err(_) => not_found(),
    }
}

fn file(path: &str, folder: &Path, library: &Path) -> Option<PathBuf> {
    if path.contains("..") {
        return None;
    }
    match path.strip_prefix("/library/") {
        Some(name) => Some(library.join(name)),
        None if path.contains('.') => Some(folder.join(path.trim_start_matches('/'))),
        None => Some(folder.join("page.html")),
    }
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        _ => "application/octet-stream",
    }
}

fn found(content_type: &str, body: Vec<u8>) -> Outgoing {
    Outgoing {
        status: 200,
        headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
        body,
    }
}

fn not_found() -> Outgoing {
    Outgoing {
        status: 404,
        ..Outgoing::default()
    }
}
