//! What speaks with the server in tests: a small HTTP client, receivers and pages for it to meet, and other people's
//! clients as they come from their registries.

pub mod http;

mod browser;
mod gate;
mod listener;
mod mail;
mod page;
mod programs;
mod service;
mod site;
mod webhook;

pub use browser::Browser;
pub use gate::{Gate, Post, Way};
pub use listener::{Incoming, Outgoing};
pub use mail::{Mail, MailServer};
pub use page::Page;
pub use programs::{RunningClient, node, python};
pub use service::Service;
pub use site::{Site, SiteFile};
pub use webhook::{Delivery, WebhookReceiver};
