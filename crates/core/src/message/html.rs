//! The HTML form of a plain text: paragraphs where lines are empty, links where addresses stand. Everything else is
//! escaped, so that no value can become markup.

/// The whole document.
pub fn html(text: &str) -> String {
    let mut body = String::new();
    for paragraph in text.replace("\r\n", "\n").split("\n\n") {
        let lines: Vec<String> = paragraph.trim().lines().map(linked).collect();
        let lines = lines.join("<br>\n");
        if !lines.is_empty() {
            body.push_str("<p>");
            body.push_str(&lines);
            body.push_str("</p>\n");
        }
    }
    format!(
        "<!doctype html>\n<html>\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"></head>\n\
         <body style=\"font: 16px/1.5 sans-serif; max-width: 38em; margin: 0 auto; padding: 1em; overflow-wrap: anywhere\">\n\
         {body}</body>\n</html>\n"
    )
}

/// A line with its addresses made links.
fn linked(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = ["https://", "http://"]
        .iter()
        .filter_map(|scheme| rest.find(scheme))
        .min()
    {
        let (before, address) = rest.split_at(at);
        let end = address
            .find(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'))
            .unwrap_or(address.len());
        let whole = address.get(..end).unwrap_or(address);
        // A full stop or a bracket after an address belongs to the sentence.
        let url = whole.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'']);
        escape(before, &mut out);
        out.push_str("<a href=\"");
        escape(url, &mut out);
        out.push_str("\">");
        escape(url, &mut out);
        out.push_str("</a>");
        rest = address.get(url.len()..).unwrap_or_default();
    }
    escape(rest, &mut out);
    out
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
}
