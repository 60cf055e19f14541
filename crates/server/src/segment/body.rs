//! A request's body, decompressed, and never more of it in memory than a batch may hold.

use std::io::Read as _;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use flate2::read::MultiGzDecoder;
use futures_util::StreamExt as _;

/// Why a body can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyError {
    #[error("a batch has at most 500 KB, decompressed; send it in smaller ones")]
    TooLarge,
    #[error("the connection ended inside the body")]
    Cut,
    #[error("the body is not gzip, or ends too early")]
    NotGzip,
    #[error("the body's `Content-Encoding` is none of `gzip` and `identity`")]
    UnknownEncoding,
}

/// Reads a body of at most `limit` bytes, sent and decompressed.
pub(super) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Vec<u8>, BodyError> {
    let declared = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit as u64) {
        return Err(BodyError::TooLarge);
    }
    let gzip = is_gzip(headers)?;
    let mut bytes = Vec::with_capacity(declared.map_or(0, |length| usize::try_from(length).unwrap_or(0)));
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| BodyError::Cut)?;
        if bytes.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    if gzip { unzip(&bytes, limit) } else { Ok(bytes) }
}

fn is_gzip(headers: &HeaderMap) -> Result<bool, BodyError> {
    let Some(encoding) = headers.get(CONTENT_ENCODING) else {
        return Ok(false);
    };
    match encoding
        .to_str()
        .map(|encoding| encoding.trim().to_ascii_lowercase())
        .as_deref()
    {
        Ok("gzip" | "x-gzip") => Ok(true),
        Ok("" | "identity") => Ok(false),
        _ => Err(BodyError::UnknownEncoding),
    }
}

fn unzip(bytes: &[u8], limit: usize) -> Result<Vec<u8>, BodyError> {
    let mut plain = Vec::with_capacity(bytes.len().saturating_mul(4).min(limit));
    let decoder = MultiGzDecoder::new(bytes);
    // One byte past the limit tells a body that just fits from one that doesn't.
    decoder
        .take(limit as u64 + 1)
        .read_to_end(&mut plain)
        .map_err(|_| BodyError::NotGzip)?;
    if plain.len() > limit {
        Err(BodyError::TooLarge)
    } else {
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn zipped(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).expect("a vector takes everything");
        encoder.finish().expect("a vector takes everything")
    }

    #[test]
    fn what_was_zipped_comes_back_whole() {
        let plain = br#"{"batch":[]}"#;
        assert_eq!(unzip(&zipped(plain), 100).as_deref(), Ok(&plain[..]));
        assert_eq!(unzip(&zipped(plain), plain.len()).as_deref(), Ok(&plain[..]));
        assert_eq!(unzip(&zipped(plain), plain.len() - 1), Err(BodyError::TooLarge));
        let both = [zipped(b"{\"batch\""), zipped(b":[]}")].concat();
        assert_eq!(unzip(&both, 100).as_deref(), Ok(&plain[..]));
    }

    #[test]
    fn a_bomb_of_zeros_stops_at_the_limit() {
        let bomb = zipped(&vec![0; 50_000_000]);
        assert!(bomb.len() < 100_000);
        assert_eq!(unzip(&bomb, 500 * 1024), Err(BodyError::TooLarge));
    }

    #[test]
    fn a_cut_or_foreign_body_is_refused() {
        let whole = zipped(b"{\"batch\":[1,2,3,4,5,6,7,8,9]}");
        for length in 0..whole.len() {
            assert_eq!(
                unzip(&whole[..length], 1_000),
                Err(BodyError::NotGzip),
                "{length} bytes"
            );
        }
        assert_eq!(unzip(b"{\"batch\":[]}", 1_000), Err(BodyError::NotGzip));
    }
}
