//! `bellwether generate`, which `--help` doesn't list: documents that the program writes about itself, to be committed
//! beside the code and compared with it.

use std::fmt::Write as _;
use std::process::ExitCode;

use bellwether_core::agreement::json_schema;
use bellwether_server::openapi_json;
use clap::{Arg, Command};

use super::serve::say;

/// Arguments of `bellwether generate`.
#[derive(clap::Args)]
pub(crate) struct GenerateArgs {
    #[arg(value_enum)]
    document: Document,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Document {
    /// The reference of the command line, as Markdown.
    Cli,
    /// The REST interface, as `OpenAPI`.
    Openapi,
    /// The agreement's JSON schema, for editors.
    AgreementSchema,
}

/// Runs the command. `program` is the whole command line, which only the binary's root knows.
pub(crate) fn run(args: &GenerateArgs, program: Command) -> anyhow::Result<ExitCode> {
    say(&match args.document {
        Document::Cli => reference(program),
        Document::Openapi => openapi_json(),
        Document::AgreementSchema => json_schema(),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The reference: a section a command that does something, in the order of `--help`.
fn reference(mut program: Command) -> String {
    program.build();
    let mut text = String::from("# The command line\n\n");
    push(&mut text, format_args!("{}\n\n", about(&program)));
    text.push_str(
        "Exit status: 0 when the work is done, 1 when it failed, 2 when the command was called wrongly. \
         This page is written by `cargo xtask docs` from the program itself.\n",
    );
    for command in listed(&program) {
        sections(&mut text, command);
    }
    text
}

fn sections(text: &mut String, command: &Command) {
    if listed(command).next().is_some() {
        for inner in listed(command) {
            sections(text, inner);
        }
        return;
    }
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    push(text, format_args!("\n## {name}\n\n{}\n\n", about(command)));
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    push(text, format_args!("```text\n{usage}\n```\n"));
    let arguments: Vec<&Arg> = command.get_arguments().filter(|arg| is_listed(arg)).collect();
    if !arguments.is_empty() {
        text.push('\n');
    }
    for argument in arguments {
        push(
            text,
            format_args!("- `{}`: {}\n", spelling(argument), meaning(argument)),
        );
    }
}

fn listed(command: &Command) -> impl Iterator<Item = &Command> {
    command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set() && inner.get_name() != "help")
}

/// Every command has these two, so the reference doesn't say so each time.
fn is_listed(argument: &Arg) -> bool {
    !argument.is_hide_set() && !matches!(argument.get_id().as_str(), "help" | "version")
}

fn about(command: &Command) -> String {
    let words = command.get_long_about().or_else(|| command.get_about());
    words.map_or_else(String::new, |words| sentence(&words.to_string()))
}

/// As one types it: `--data <DIR>`, or `<FILE>...` where it is told by its place.
fn spelling(argument: &Arg) -> String {
    let mut typed = argument.to_string();
    if let (Some(short), Some(_)) = (argument.get_short(), argument.get_long()) {
        typed = format!("-{short}, {typed}");
    }
    typed
}

fn meaning(argument: &Arg) -> String {
    let help = argument.get_long_help().or_else(|| argument.get_help());
    let mut text = help.map_or_else(String::new, |help| sentence(&help.to_string()));
    let takes_value = argument.get_action().takes_values();
    let values = argument.get_possible_values();
    let values: Vec<&str> = values
        .iter()
        .map(clap::builder::PossibleValue::get_name)
        .collect();
    if takes_value && !values.is_empty() {
        push(&mut text, format_args!(" One of `{}`.", values.join("`, `")));
    }
    let defaults: Vec<_> = argument
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy())
        .collect();
    if takes_value && !defaults.is_empty() {
        push(&mut text, format_args!(" Default: `{}`.", defaults.join(" ")));
    }
    if let Some(variable) = argument.get_env() {
        push(
            &mut text,
            format_args!(" Environment: `{}`.", variable.to_string_lossy()),
        );
    }
    text.trim_start().to_owned()
}

/// Help on one line, with the full stop that clap takes away.
fn sentence(help: &str) -> String {
    let mut line = help.split_whitespace().collect::<Vec<_>>().join(" ");
    if !line.is_empty() && !line.ends_with(['.', '?', '!']) {
        line.push('.');
    }
    line
}

/// Writing to a string can't fail.
fn push(text: &mut String, words: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(words);
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command};

    use super::reference;

    #[test]
    fn commands_within_commands_are_sections_and_what_is_hidden_is_left_out() {
        let create = Command::new("create").about("Make a key").arg(
            Arg::new("kind")
                .long("kind")
                .value_name("KIND")
                .help("What it is for")
                .value_parser(["write", "admin"])
                .default_value("write")
                .env("BELLWETHER_NO_SUCH_VARIABLE"),
        );
        let program = Command::new("bellwether")
            .about("Decides")
            .subcommand(Command::new("key").subcommand(create))
            .subcommand(Command::new("generate").hide(true));
        let text = reference(program);
        assert!(
            text.contains("\n## bellwether key create\n\nMake a key.\n"),
            "{text}"
        );
        assert!(
            text.contains(
                "- `--kind <KIND>`: What it is for. One of `write`, `admin`. Default: `write`. \
                 Environment: `BELLWETHER_NO_SUCH_VARIABLE`.\n"
            ),
            "{text}"
        );
        assert!(!text.contains("generate"), "{text}");
    }
}
