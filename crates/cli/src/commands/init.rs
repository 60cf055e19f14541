//! `bellwether init`: a starting agreement, from one of the templates that the binary holds or for a file of leads.

mod fields;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::check::{print, unknown};

/// Arguments of `bellwether init`.
#[derive(clap::Args)]
pub(crate) struct InitArgs {
    /// The folder to write `agreement.toml` in; it is made where it is missing.
    #[arg(value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// The template to start from.
    #[arg(long, value_name = "NAME", default_value = "saas-fit-intent")]
    template: String,
    /// Start from the columns of a file of leads instead, as typed fields.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["template", "list"])]
    fields_from: Option<PathBuf>,
    /// List the templates and write nothing.
    #[arg(long)]
    list: bool,
}

/// A template: its name, what it is for, and its text.
struct Template {
    name: &'static str,
    about: &'static str,
    text: &'static str,
}

const FILE_NAME: &str = "agreement.toml";

const TEMPLATES: [Template; 5] = [
    Template {
        name: "saas-fit-intent",
        about: "business software: fit and intent, negative points, four SLAs",
        text: include_str!("../../../../examples/agreements/saas-fit-intent.toml"),
    },
    Template {
        name: "framework-100",
        about: "a table of a hundred points",
        text: include_str!("../../../../examples/agreements/framework-100.toml"),
    },
    Template {
        name: "definition-75",
        about: "a short definition: pricing, case study, position and size",
        text: include_str!("../../../../examples/agreements/definition-75.toml"),
    },
    Template {
        name: "negative-100",
        about: "a hundred points with hard negative ones",
        text: include_str!("../../../../examples/agreements/negative-100.toml"),
    },
    Template {
        name: "b2c",
        about: "consumers: age, place, income and device",
        text: include_str!("../../../../examples/agreements/b2c.toml"),
    },
];

/// Runs the command: 0 where the file was written or the templates listed, 1 where it couldn't be, 2 for an unknown
/// template.
pub(crate) fn run(args: &InitArgs) -> anyhow::Result<ExitCode> {
    if args.list {
        let lines: Vec<String> = TEMPLATES
            .iter()
            .map(|template| format!("{:<16} {}\n", template.name, template.about))
            .collect();
        print(&lines.concat())?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(leads) = &args.fields_from {
        let path = args.dir.join(FILE_NAME);
        write_new(&path, &fields::agreement_of(leads)?)?;
        print(&first_rules(&path, leads))?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(template) = TEMPLATES.iter().find(|template| template.name == args.template) else {
        let names = TEMPLATES.iter().map(|template| template.name);
        eprintln!("error: {}", unknown("template", &args.template, names));
        return Ok(ExitCode::from(2));
    };
    let path = args.dir.join(FILE_NAME);
    write_new(&path, template.text)?;
    print(&next_steps(&path, &format!("the template {}", template.name)))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a file that isn't there yet.
fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).with_context(|| format!("can't make the folder `{}`", dir.display()))?;
    }
    let mut file = std::fs::File::create_new(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            anyhow::anyhow!(
                "`{}` is there already; choose another folder, or move it away",
                path.display()
            )
        }
        _ => anyhow::Error::new(error).context(format!("can't write `{}`", path.display())),
    })?;
    file.write_all(text.as_bytes())
        .with_context(|| format!("can't write `{}`", path.display()))
}

fn next_steps(path: &Path, from: &str) -> String {
    let shown = path.display();
    format!(
        "Wrote {shown} from {from}.\n\n\
         Next:\n\
         \x20 1. Read it with marketing and sales in one room; change what doesn't fit.\n\
         \x20 2. bellwether check {shown}\n\
         \x20 3. bellwether score {shown} --leads leads.csv --events events.csv\n"
    )
}

fn first_rules(path: &Path, leads: &Path) -> String {
    let (shown, leads) = (path.display(), leads.display());
    format!(
        "Wrote {shown} from the columns of {leads}.\n\n\
         Next, one of:\n\
         \x20 - Write rules with marketing and sales in one room, then bellwether check {shown}\n\
         \x20 - Let the won deals propose some:\n\
         \x20   bellwether calibrate {shown} --leads {leads} --outcomes outcomes.csv --discover --out new.toml --report report.html\n"
    )
}

#[cfg(test)]
mod tests {
    use bellwether_core::agreement::{Severity, check};

    use super::*;

    #[test]
    fn every_template_is_in_order_and_its_examples_come_to_what_they_say() {
        for template in &TEMPLATES {
            let checked = check(template.text);
            let errors: Vec<_> = checked
                .problems
                .iter()
                .filter(|p| p.severity == Severity::Error)
                .collect();
            assert!(errors.is_empty(), "{}: {errors:#?}", template.name);
            let examples = checked.agreement.map_or(0, |agreement| agreement.examples.len());
            assert!(examples > 0, "{} has no example", template.name);
        }
    }

    #[test]
    fn an_agreement_is_never_overwritten() {
        let dir = tempfile::tempdir().expect("a folder for the test");
        let path = dir.path().join("new").join(FILE_NAME);
        write_new(&path, "mine").expect("it is not there yet");
        let refused = write_new(&path, "other").expect_err("it is there already");
        assert!(refused.to_string().contains("is there already"), "{refused}");
        assert_eq!(std::fs::read_to_string(&path).expect("it was written"), "mine");
    }

    #[test]
    fn a_template_that_is_misspelt_is_named() {
        let names = || TEMPLATES.iter().map(|template| template.name);
        assert!(unknown("template", "saas-fit-intnt", names()).ends_with("did you mean `saas-fit-intent`?"));
        assert!(unknown("template", "zzzzzzzzzzz", names()).contains("b2c"));
    }
}
