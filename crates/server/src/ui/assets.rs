//! The files that pages load. A name carries its content's hash, so that browsers may keep a file forever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::edge::hex;

/// The addresses of the files that every page loads.
#[derive(Debug)]
pub(super) struct Assets {
    pub(super) style: String,
    pub(super) script: String,
    pub(super) icon: String,
}

struct File {
    name: String,
    content_type: &'static str,
    bytes: &'static [u8],
}

static FILES: LazyLock<[File; 3]> = LazyLock::new(|| {
    [
        file(
            "site",
            "css",
            "text/css; charset=utf-8",
            include_bytes!("../../assets/site.css"),
        ),
        file(
            "site",
            "js",
            "text/javascript; charset=utf-8",
            include_bytes!("../../assets/site.js"),
        ),
        file(
            "icon",
            "svg",
            "image/svg+xml",
            include_bytes!("../../assets/icon.svg"),
        ),
    ]
});

/// Where the files are.
pub(super) static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let [style, script, icon] = &*FILES;
    let at = |file: &File| format!("/assets/{}", file.name);
    Assets {
        style: at(style),
        script: at(script),
        icon: at(icon),
    }
});

fn file(stem: &str, extension: &str, content_type: &'static str, bytes: &'static [u8]) -> File {
    let digest = hex(&Sha256::digest(bytes));
    let short: String = digest.chars().take(12).collect();
    File {
        name: format!("{stem}.{short}.{extension}"),
        content_type,
        bytes,
    }
}

/// `GET /assets/{name}`.
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|file| file.name == name) {
        Some(file) => {
            let headers = [
                (CONTENT_TYPE, file.content_type),
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, file.bytes).into_response()
        }
        None => (StatusCode::NOT_FOUND, "no such file\n").into_response(),
    }
}
