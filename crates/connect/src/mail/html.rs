//! A mail's HTML: one column of tables with styles of their own on every element, which is what all mail programs show.

use std::fmt::Write as _;

use super::Letter;

const FONT: &str = "font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif";
/// An address may be longer than a phone is wide.
const BREAK: &str = "overflow-wrap:anywhere;word-break:break-word";
const INK: &str = "#1d2733";
const FAINT: &str = "#5b6875";
const LINE: &str = "#dfe4ea";
const ACCENT: &str = "#1f5f8b";

/// The whole page.
pub(super) fn page(letter: &Letter<'_>) -> String {
    let told = letter.told;
    let mut body = String::new();
    line(
        &mut body,
        &format!("font-size:20px;font-weight:600;line-height:28px;color:{INK}"),
        &told.title,
    );
    if let Some(note) = &told.note {
        line(
            &mut body,
            &format!("padding-top:8px;font-size:15px;line-height:22px;color:{INK}"),
            note,
        );
    }
    who(&mut body, letter);
    if let Some(why) = &told.why {
        line(
            &mut body,
            &format!("padding-top:16px;font-size:15px;line-height:22px;color:{INK}"),
            why,
        );
    }
    // By when and the buttons stand on a phone's first screen; what there is to know beside comes after.
    facts(&mut body, letter);
    buttons(&mut body, letter);
    rules(&mut body, letter);
    activities(&mut body, letter);
    // Writing to a string can't fail, here and below.
    let title = escaped(&told.title);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light\"><title>{title}</title></head>\
         <body style=\"margin:0;padding:0;background:#f3f5f7\">\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"background:#f3f5f7\"><tr>\
         <td align=\"center\" style=\"padding:24px 12px\">\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"max-width:560px;\
         background:#ffffff;border:1px solid {LINE};border-radius:8px\"><tr><td style=\"padding:24px;{FONT};{BREAK}\">\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\">\n{body}</table>\
         </td></tr></table></td></tr></table></body></html>\n"
    )
}

/// A row of the one column.
fn row(body: &mut String, style: &str, inner: &str) {
    let _ = writeln!(body, "<tr><td style=\"{FONT};{style}\">{inner}</td></tr>");
}

fn line(body: &mut String, style: &str, text: &str) {
    row(body, style, &escaped(text));
}

fn who(body: &mut String, letter: &Letter<'_>) {
    let told = letter.told;
    let name = match &told.page {
        Some(page) => format!(
            "<a href=\"{}\" style=\"color:{ACCENT};text-decoration:none\">{}</a>",
            escaped(page),
            escaped(&told.name)
        ),
        None => escaped(&told.name),
    };
    let mut inner = format!("<div style=\"font-size:16px;font-weight:600;line-height:24px\">{name}</div>");
    if !told.role.is_empty() {
        let _ = write!(
            inner,
            "<div style=\"font-size:14px;line-height:20px;color:{FAINT}\">{}</div>",
            escaped(&told.role)
        );
    }
    // Each on a line of its own, far enough apart for a thumb.
    for (scheme, address) in [("mailto", &told.email), ("tel", &told.phone)] {
        if let Some(address) = address {
            let _ = write!(
                inner,
                "<div style=\"padding-top:6px;font-size:15px;line-height:24px\">\
                 <a href=\"{scheme}:{}\" style=\"color:{ACCENT}\">{}</a></div>",
                escaped(&address.replace(' ', "")),
                escaped(address)
            );
        }
    }
    row(body, &format!("padding-top:16px;color:{INK}"), &inner);
}

fn rules(body: &mut String, letter: &Letter<'_>) {
    if letter.told.rules.is_empty() {
        return;
    }
    let mut inner =
        "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\">".to_owned();
    for (rule, points) in &letter.told.rules {
        let _ = write!(
            inner,
            "<tr><td style=\"{FONT};padding:6px 0;border-top:1px solid {LINE};font-size:14px;line-height:20px;color:{INK}\">{}</td>\
             <td align=\"right\" style=\"{FONT};padding:6px 0;border-top:1px solid {LINE};font-size:14px;line-height:20px;\
             color:{INK};white-space:nowrap\">{}</td></tr>",
            escaped(rule),
            escaped(points)
        );
    }
    inner.push_str("</table>");
    row(body, "padding-top:12px", &inner);
}

fn activities(body: &mut String, letter: &Letter<'_>) {
    let lines = letter
        .told
        .activities
        .iter()
        .map(|text| format!("• {}", escaped(text)));
    let lines: Vec<String> = lines.collect();
    if !lines.is_empty() {
        row(
            body,
            &format!("padding-top:12px;font-size:14px;line-height:22px;color:{FAINT}"),
            &lines.join("<br>"),
        );
    }
}

fn facts(body: &mut String, letter: &Letter<'_>) {
    let told = letter.told;
    let facts = [
        ("To do", &told.task),
        ("Due", &letter.due),
        ("Owner", &told.owner),
        ("Score", &told.score),
    ];
    let style = format!("{FONT};font-size:14px;line-height:22px");
    let lines = facts.into_iter().filter_map(|(name, value)| {
        let value = value.as_ref()?;
        Some(format!(
            "<tr><td valign=\"top\" style=\"{style};padding-right:12px;color:{FAINT};white-space:nowrap\">{name}</td>\
             <td style=\"{style};color:{INK}\">{}</td></tr>",
            escaped(value)
        ))
    });
    let lines: String = lines.collect();
    if !lines.is_empty() {
        let table =
            format!("<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\">{lines}</table>");
        row(body, "padding-top:16px", &table);
    }
}

fn buttons(body: &mut String, letter: &Letter<'_>) {
    let button = |href: &str, text: &str, style: &str| {
        format!(
            "<a href=\"{}\" style=\"display:inline-block;margin:0 8px 8px 0;padding:10px 18px;border-radius:6px;font-size:15px;\
             line-height:20px;font-weight:600;text-decoration:none;{style}\">{text}</a>",
            escaped(href)
        )
    };
    let mut inner = String::new();
    if let Some(accept) = &letter.accept {
        let style = format!("background:{ACCENT};border:1px solid {ACCENT};color:#ffffff");
        inner.push_str(&button(accept, "Accept this lead", &style));
    }
    if let Some(page) = &letter.told.page {
        let style = format!("background:#ffffff;border:1px solid {LINE};color:{INK}");
        inner.push_str(&button(page, "Open", &style));
    }
    if !inner.is_empty() {
        row(body, "padding-top:20px", &inner);
    }
}

/// A text in which nothing is markup, within an attribute too.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' => escaped.push_str("<br>"),
            c => escaped.push(c),
        }
    }
    escaped
}
