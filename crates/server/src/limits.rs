//! Every bound that the HTTP edge holds to, in one place.

use std::time::Duration;

/// The largest body of a Segment call, decompressed, in bytes.
pub const BATCH_BYTES_MAX: usize = 500 * 1024;
/// The largest event of a Segment call, in bytes of JSON.
pub const EVENT_BYTES_MAX: usize = 32 * 1024;
/// How many events one batch may hold; those after it are refused.
pub const BATCH_EVENTS_MAX: usize = 2_500;
/// How deep properties and traits may be nested; what lies deeper is dropped and listed.
pub const PROPERTY_DEPTH_MAX: usize = 8;
/// How many properties or traits an event may have once they are flattened; the rest is dropped and listed.
pub const PROPERTIES_MAX: usize = 500;
/// The longest user id, anonymous id, email address, external id or group id, in bytes.
pub const ID_BYTES_MAX: usize = 512;
/// The longest message id that is kept as it is; a longer one is kept as its hash.
pub const MESSAGE_ID_BYTES_MAX: usize = 200;
/// The longest name of an event or screen, and the longest path of a page, in bytes; longer ones are cut.
pub const NAME_BYTES_MAX: usize = 1_024;
/// How many dropped properties an answer lists; the rest is counted.
pub const DROPPED_LISTED_MAX: usize = 100;
/// How many different findings of one request are listed by themselves; the rest is listed together.
pub const FINDINGS_OF_REQUEST_MAX: usize = 100;
/// How far in the future an event may be, in milliseconds; beyond it the time of receipt counts.
pub const FUTURE_MS_MAX: i64 = 23 * 3_600_000;
/// After how many seconds a client comes again where the server can't say better.
pub const RETRY_AFTER_S: u32 = 5;

/// The largest body of an API call or a form, in bytes; an agreement file may be a mebibyte.
pub const API_BODY_BYTES_MAX: usize = 1_048_576;
/// The largest file that is imported over HTTP, in bytes as it is sent.
pub const IMPORT_BYTES_MAX: u64 = 4 << 30;
/// How long a file that is imported may take to come.
pub const IMPORT_UPLOAD_TIMEOUT: Duration = Duration::from_mins(30);
/// How many files are imported over HTTP at once.
pub const IMPORTS_MAX: usize = 1;
/// How many exports are written at once; each holds the database as it stood when it began.
pub const EXPORTS_MAX: usize = 2;
/// How long an export waits for its reader to take a piece before it breaks off.
pub const EXPORT_PIECE_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest body that a scheduling tool sends, in bytes.
pub const HOOK_BYTES_MAX: usize = 256 * 1024;
/// The largest form that a page sends, in bytes.
pub const FORM_BYTES_MAX: usize = 64 * 1024;
/// The largest form that holds an agreement, in bytes: in a form each of its bytes may take three.
pub const AGREEMENT_FORM_BYTES_MAX: usize = 3 * API_BODY_BYTES_MAX + FORM_BYTES_MAX;
/// How many connections are served at once.
pub const CONNECTIONS_MAX: usize = 10_000;
/// How long a connection may take to send its request's head.
pub const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a request may take, body and answer together; streams are exempt.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// How long open requests are waited for when the server stops.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);
/// How many pages may follow changes at once.
pub const STREAMS_MAX: usize = 1_000;
