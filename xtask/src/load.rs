//! A load generator that speaks Segment's wire form: batches as fast as they are taken, or single events at a steady rate.
//! Every lead is made known first. It counts an event only when the server has answered 200 for it, which means that it is
//! on disk.

mod connection;
mod events;
mod latency;
mod notify;
mod receiver;
mod throughput;

use anyhow::Result;
use clap::Subcommand;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    shape: Shape,
}

#[derive(Subcommand)]
enum Shape {
    /// Batches, one after the other on each connection, as fast as the server takes them
    Throughput(throughput::Arguments),
    /// Single events at a steady rate, whatever the server does
    Latency(latency::Arguments),
    /// Batches at a steady rate, and how soon a webhook hears of who qualified
    Notify(notify::Arguments),
}

/// Where the load goes, and whom it is about.
#[derive(Clone, clap::Args)]
struct Target {
    /// The server, such as `http://127.0.0.1:7878`
    #[arg(long)]
    url: String,

    /// A write key of that server
    #[arg(long)]
    write_key: String,

    /// How many leads the events are about
    #[arg(long, default_value_t = 50_000)]
    leads: u32,

    /// How many connections are open at a time
    #[arg(long, default_value_t = 16)]
    connections: u32,
}

/// `cargo xtask load`.
pub(crate) fn run_task(arguments: &Arguments) -> Result<()> {
    match &arguments.shape {
        Shape::Throughput(arguments) => throughput::run(arguments),
        Shape::Latency(arguments) => latency::run(arguments),
        Shape::Notify(arguments) => notify::run(arguments),
    }
}
