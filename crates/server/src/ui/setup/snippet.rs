//! What to paste into a site's pages, and the choices that change it.

use std::fmt::Write as _;

use serde::Deserialize;

/// The longest key, or domain, that is taken from an address, in bytes.
const VALUE_BYTES_MAX: usize = 200;

/// What the page's form holds: a box that isn't ticked is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(in crate::ui) struct Choices {
    pub(super) key: String,
    /// `none`: no cookie and no storage.
    pub(super) cookie: String,
    /// The domain that a cookie is for, such as `acme.example`.
    pub(super) domain: String,
    /// `required`: nothing before consent.
    pub(super) consent: String,
    /// `all`: how far each page was scrolled and how long it was read.
    pub(super) engagement: String,
    /// `on`: what follows `#` is a page too.
    pub(super) hash: String,
    /// `1`: an admin key was given, which this address doesn't hold any more.
    pub(super) admin: String,
}

impl Choices {
    /// The same, without what could not have come from the form.
    pub(super) fn cleaned(self) -> Self {
        let one_of = |given: String, known: &str| if given == known { given } else { String::new() };
        let plain = |given: &str, allowed: &[u8]| -> String {
            let given = given.trim();
            let fits = given.len() <= VALUE_BYTES_MAX
                && given
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || allowed.contains(&byte));
            if fits { given.to_owned() } else { String::new() }
        };
        Self {
            key: plain(&self.key, b"_-"),
            cookie: one_of(self.cookie, "none"),
            domain: plain(&self.domain, b".-"),
            consent: one_of(self.consent, "required"),
            engagement: one_of(self.engagement, "all"),
            hash: one_of(self.hash, "on"),
            admin: one_of(self.admin, "1"),
        }
    }

    /// The choices as an address's query; they hold nothing that would have to be encoded.
    pub(super) fn query(&self) -> String {
        self.named()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("&")
    }

    /// All but the key, by the names of the form's fields.
    pub(super) fn beside_key(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.named().skip(1).filter(|(_, value)| !value.is_empty())
    }

    fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("key", self.key.as_str()),
            ("cookie", &self.cookie),
            ("domain", &self.domain),
            ("consent", &self.consent),
            ("engagement", &self.engagement),
            ("hash", &self.hash),
        ]
        .into_iter()
    }
}

/// Keeps calls that a page makes before the tracker has come.
const STUB: &str = "\
<script>
(function (b) {
  if (!b.track) 'track identify page group reset consent'.split(' ').forEach(function (name) {
    b[name] = function () { b.push([name, arguments]) }
  })
})(window.bellwether = window.bellwether || [])
</script>
";

/// The snippet for a server's address and a key, neither of which holds a quote.
pub(super) fn snippet(address: &str, key: &str, choices: &Choices) -> String {
    let mut text = format!("{STUB}<script async src=\"{address}/t.js\" data-key=\"{key}\"");
    for (name, value) in choices.beside_key() {
        let attribute = if name == "domain" { "cookie-domain" } else { name };
        // Writing to a string can't fail.
        let _ = write!(text, " data-{attribute}=\"{value}\"");
    }
    text.push_str("></script>");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_attributes_of_the_script() {
        let choices = Choices {
            key: "bw_write_1".to_owned(),
            domain: "acme.example".to_owned(),
            consent: "required".to_owned(),
            ..Choices::default()
        };
        let text = snippet("https://bell.acme.example", "bw_write_1", &choices);
        assert!(
            text.ends_with(
                "<script async src=\"https://bell.acme.example/t.js\" data-key=\"bw_write_1\" \
                 data-cookie-domain=\"acme.example\" data-consent=\"required\"></script>"
            ),
            "{text}"
        );
        assert_eq!(
            choices.query(),
            "key=bw_write_1&domain=acme.example&consent=required"
        );
    }

    #[test]
    fn what_no_form_sends_is_left_out() {
        let hostile = Choices {
            key: "\"><script>".to_owned(),
            cookie: "some".to_owned(),
            domain: "a b".to_owned(),
            consent: "Required".to_owned(),
            engagement: "x".repeat(1_000),
            hash: "&".to_owned(),
            admin: String::new(),
        };
        assert_eq!(hostile.cleaned(), Choices::default());
        let long = Choices {
            key: "k".repeat(VALUE_BYTES_MAX + 1),
            ..Choices::default()
        };
        assert_eq!(long.cleaned(), Choices::default());
    }
}
