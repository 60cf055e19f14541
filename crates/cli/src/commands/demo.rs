//! `bellwether demo`: a made-up company with eighteen months of history, and visitors who arrive as one watches.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bellwether_app::{App, Clock, KeyClass, SourceId, SystemClock, SystemEntropy};
use bellwether_server::VisitorOptions;

use super::serve::{ListenArgs, Running, Setup, say, start_logs};
use crate::console::{options, password, runtime};
use crate::demo::{COLLEAGUES, Live, Loaded, Size, StoryClock, agreement, cast, load, staff};

/// The file that says that a directory is a demo's, and may be emptied.
const MARK: &str = "bellwether-demo";

/// Arguments of `bellwether demo`.
#[derive(clap::Args)]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    listen: ListenArgs,
    /// What the company's history is told from; the same seed tells the same one.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Where to keep the data; it is begun anew at each start. Without it, the data goes when the demo ends.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A smaller company, there in a moment.
    #[arg(long)]
    fast: bool,
}

/// Runs the command.
pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    start_logs(&args.listen.log)?;
    let temporary = tempfile::Builder::new().prefix("bellwether-demo-").tempdir();
    let temporary = temporary.context("there is no room for temporary data; name a directory with --data")?;
    let data = match &args.data {
        Some(data) => {
            begin_anew(data)?;
            data.clone()
        }
        None => temporary.path().to_owned(),
    };
    runtime()?.block_on(show(args, &data))?;
    Ok(ExitCode::SUCCESS)
}

async fn show(args: &DemoArgs, data: &Path) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let cast = Arc::new(cast(
        args.seed,
        if args.fast { Size::FAST } else { Size::FULL },
        now,
    ));
    let clock = Arc::new(StoryClock::standing_at(cast.begins, Arc::new(SystemClock)));
    let mut options = options(data);
    options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    options.agreement_if_none = agreement();
    let running = Running::start(Setup {
        options,
        listen: &args.listen,
        visitors: VisitorOptions::default(),
    })
    .await?;
    let app = running.app.clone();

    let passwords: Vec<String> = COLLEAGUES
        .iter()
        .map(|_| password(&SystemEntropy))
        .collect::<Result<_, _>>()?;
    staff(&app, &passwords).await?;
    let (site, write_key) = app.create_key(KeyClass::Write, "www.quillmere.example").await?;
    let (_, admin_key) = app.create_key(KeyClass::Admin, "for you").await?;
    let source = SourceId(site.id.0);
    say("Telling eighteen months of Quillmere's history…")?;
    let began = Instant::now();
    let loaded = load(&app, &cast, source, &clock).await?;
    clock.let_go();
    let open = app.counts().await?.handoffs_open;
    say(&welcome(
        &running.url,
        &passwords,
        &loaded,
        open,
        began.elapsed(),
        [&write_key, &admin_key],
    ))?;

    let visitors = tokio::spawn(keep_visiting(app.clone(), Live::new(&cast), cast, source));
    drop(app);
    let served = running.serve().await;
    visitors.abort();
    served
}

/// Visitors come until the demo ends.
async fn keep_visiting(app: App, mut live: Live, cast: Arc<crate::demo::Cast>, source: SourceId) {
    loop {
        tokio::time::sleep(Duration::from_millis(live.pause_ms())).await;
        let moment = live.next(&cast, SystemClock.now());
        if let Err(error) = app.accept(moment.into_submission(source)).await {
            tracing::warn!(error = %error, "a visitor of the demo wasn't taken");
        }
    }
}

fn welcome(
    url: &str,
    passwords: &[String],
    loaded: &Loaded,
    open: u64,
    took: Duration,
    [write_key, admin_key]: [&str; 2],
) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = writeln!(
        text,
        "{} facts in {:.1} s: sales took {} leads and sent {} back; of {} deals {} were won; {open} leads wait for an answer.\n",
        loaded.facts,
        took.as_secs_f64(),
        loaded.accepted,
        loaded.rejected,
        loaded.deals,
        loaded.won,
    );
    let _ = writeln!(text, "  Quillmere, a made-up company, is at {url}\n");
    let shown = COLLEAGUES.iter().zip(passwords);
    for (colleague, password) in shown.filter(|(who, _)| who.team.is_none() || who.name == COLLEAGUES[0].name)
    {
        let role = if colleague.team.is_none() {
            "manager"
        } else {
            "salesperson"
        };
        let _ = writeln!(text, "  {role:<12} {:<28} {password}", colleague.email);
    }
    let _ = write!(
        text,
        "
  Sign in and look at
    Inbox         whom to call, why, and by when; note a call, accept one, send one back with a reason
    a lead        every point of its score, everything that it did, its handoffs, and the nurture track of one sent back
    Deals         what is open, won and lost, and what it is worth
    Teams         who is there and whose turn is next; in `enterprise` one is away, so that leads wait in its queue
    the visitors  who arrive every few seconds; once a minute or so one of them qualifies

  Send events of your own with the write key  {write_key}
  and read everything with the admin key      {admin_key}

  Ctrl-C ends it.
"
    );
    text
}

/// Empties a directory of an earlier demo; one with anything else in it is left alone.
fn begin_anew(data: &Path) -> anyhow::Result<()> {
    let name = data.display();
    let mark = data.join(MARK);
    let is_there = data
        .try_exists()
        .with_context(|| format!("`{name}` can't be looked at"))?;
    if is_there && !mark.is_file() && std::fs::read_dir(data)?.next().is_some() {
        bail!("`{name}` holds something that is no demo; give the demo a directory of its own");
    }
    if is_there {
        std::fs::remove_dir_all(data).with_context(|| format!("`{name}` can't be emptied"))?;
    }
    crate::console::Folder::make(data)?;
    std::fs::write(
        &mark,
        "This directory is begun anew whenever `bellwether demo` starts with it.\n",
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_is_no_demo_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("data");
        begin_anew(&data).unwrap();
        std::fs::write(data.join("bellwether.db"), "an earlier demo").unwrap();
        begin_anew(&data).unwrap();
        assert!(!data.join("bellwether.db").exists());

        std::fs::remove_file(data.join(MARK)).unwrap();
        std::fs::write(data.join("thesis.txt"), "years of work").unwrap();
        let error = begin_anew(&data).unwrap_err().to_string();
        assert!(error.contains("no demo"), "{error}");
        assert!(data.join("thesis.txt").exists());
    }
}
