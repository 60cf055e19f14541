//! Sites that many visitors come from, by their hosts and by what links call them.

/// What people do at a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SiteKind {
    Search,
    Social,
    Video,
    Shopping,
    Assistant,
    Mail,
}

use SiteKind::{Assistant, Mail, Search, Shopping, Social, Video};

/// A site and its kind.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Site {
    pub(super) name: &'static str,
    pub(super) kind: SiteKind,
    /// Its hosts; those below them belong to it unless another site names them.
    hosts: &'static [&'static str],
    /// What links write for it besides its name and hosts.
    words: &'static [&'static str],
    /// Whether its name under any top-level domain is its own: `google.de`, `amazon.co.uk`.
    everywhere: bool,
}

const fn site(
    name: &'static str,
    kind: SiteKind,
    hosts: &'static [&'static str],
    words: &'static [&'static str],
) -> Site {
    Site {
        name,
        kind,
        hosts,
        words,
        everywhere: false,
    }
}

const fn everywhere(
    name: &'static str,
    kind: SiteKind,
    hosts: &'static [&'static str],
    words: &'static [&'static str],
) -> Site {
    Site {
        name,
        kind,
        hosts,
        words,
        everywhere: true,
    }
}

/// The sites by kind. Apps are named by the packages that Android gives as referrers.
#[rustfmt::skip]
static SITES: [Site; 99] = [
    // Assistants
    site("chatgpt", Assistant, &["chatgpt.com", "chat.openai.com", "openai.com", "com.openai.chatgpt"], &["openai", "gpt"]),
    site("perplexity", Assistant, &["perplexity.ai", "ai.perplexity.app.android"], &[]),
    site("gemini", Assistant, &["gemini.google.com", "bard.google.com", "notebooklm.google.com", "com.google.android.apps.bard"], &["bard"]),
    site("copilot", Assistant, &["copilot.microsoft.com", "copilot.cloud.microsoft", "m365.cloud.microsoft", "copilot.com", "edgeservices.bing.com", "com.microsoft.copilot"], &[]),
    site("claude", Assistant, &["claude.ai", "claude.com", "com.anthropic.claude"], &["anthropic"]),
    site("deepseek", Assistant, &["deepseek.com"], &[]),
    site("mistral", Assistant, &["mistral.ai"], &["lechat"]),
    site("grok", Assistant, &["grok.com", "x.ai"], &[]),
    site("meta ai", Assistant, &["meta.ai"], &["meta_ai"]),
    site("you.com", Assistant, &["you.com"], &[]),
    site("phind", Assistant, &["phind.com"], &[]),
    site("poe", Assistant, &["poe.com"], &[]),
    site("kimi", Assistant, &["kimi.com", "moonshot.cn"], &[]),
    site("doubao", Assistant, &["doubao.com"], &[]),
    // Mail
    site("gmail", Mail, &["mail.google.com", "com.google.android.gm"], &[]),
    site("outlook", Mail, &["outlook.live.com", "outlook.office.com", "outlook.office365.com", "outlook.cloud.microsoft", "safelinks.protection.outlook.com", "com.microsoft.office.outlook"], &[]),
    everywhere("yahoo mail", Mail, &["mail.yahoo.com", "mail.yahoo.co.jp"], &[]),
    site("proton mail", Mail, &["mail.proton.me"], &[]),
    site("icloud mail", Mail, &["www.icloud.com"], &[]),
    site("gmx", Mail, &["deref-gmx.net", "deref-gmx.com", "navigator.gmx.net", "bap.navigator.gmx.net", "3c.gmx.net", "3c-lxa.gmx.net"], &[]),
    site("web.de", Mail, &["deref-web.de", "deref-web-02.de", "navigator.web.de", "3c.web.de"], &[]),
    site("t-online mail", Mail, &["email.t-online.de"], &[]),
    site("mail.com", Mail, &["deref-mail.com"], &[]),
    site("laposte", Mail, &["webmail.laposte.net"], &[]),
    site("orange mail", Mail, &["messagerie.orange.fr", "mail02.orange.fr"], &[]),
    site("zoho mail", Mail, &["mail.zoho.com", "mail.zoho.eu"], &[]),
    // Shopping
    site("google shopping", Shopping, &["shopping.google.com"], &["google-shopping", "googleshopping", "google_shopping"]),
    everywhere("amazon", Shopping, &[], &[]),
    everywhere("ebay", Shopping, &[], &[]),
    everywhere("idealo", Shopping, &[], &[]),
    everywhere("rakuten", Shopping, &[], &[]),
    everywhere("mercadolibre", Shopping, &[], &[]),
    everywhere("walmart", Shopping, &[], &[]),
    site("etsy", Shopping, &["etsy.com"], &[]),
    site("shop app", Shopping, &["shop.app"], &[]),
    site("alibaba", Shopping, &["alibaba.com"], &[]),
    site("aliexpress", Shopping, &["aliexpress.com"], &[]),
    site("geizhals", Shopping, &["geizhals.de", "geizhals.at", "geizhals.eu"], &[]),
    site("billiger.de", Shopping, &["billiger.de"], &[]),
    site("leguide", Shopping, &["leguide.com"], &[]),
    // Video
    everywhere("youtube", Video, &["youtu.be", "com.google.android.youtube"], &["yt"]),
    site("vimeo", Video, &["vimeo.com"], &[]),
    site("twitch", Video, &["twitch.tv"], &[]),
    site("wistia", Video, &["wistia.com", "wistia.net"], &[]),
    site("dailymotion", Video, &["dailymotion.com"], &[]),
    site("netflix", Video, &["netflix.com"], &[]),
    site("hulu", Video, &["hulu.com"], &[]),
    site("disneyplus", Video, &["disneyplus.com"], &[]),
    site("bilibili", Video, &["bilibili.com"], &[]),
    site("rumble", Video, &["rumble.com"], &[]),
    site("ted", Video, &["ted.com"], &[]),
    // Social networks
    site("facebook", Social, &["facebook.com", "fb.com", "fb.me", "messenger.com", "com.facebook.katana", "com.facebook.orca"], &["fb", "facebook_ads", "facebookads", "facebook ads", "meta", "messenger"]),
    site("instagram", Social, &["instagram.com", "com.instagram.android"], &["ig", "insta"]),
    site("linkedin", Social, &["linkedin.com", "lnkd.in", "com.linkedin.android"], &["linkedin_ads", "linkedinads", "linkedin ads", "linkedin-ads"]),
    site("twitter", Social, &["twitter.com", "x.com", "t.co", "com.twitter.android"], &["x", "twitter_ads"]),
    site("tiktok", Social, &["tiktok.com", "com.zhiliaoapp.musically"], &["tiktok_ads"]),
    everywhere("pinterest", Social, &["pin.it"], &[]),
    site("reddit", Social, &["reddit.com", "redd.it", "com.reddit.frontpage"], &["reddit_ads"]),
    site("quora", Social, &["quora.com"], &[]),
    site("xing", Social, &["xing.com", "com.xing.android"], &[]),
    site("viadeo", Social, &["viadeo.com", "viadeo.journaldunet.com"], &[]),
    site("threads", Social, &["threads.net", "threads.com"], &[]),
    site("bluesky", Social, &["bsky.app", "bsky.social"], &["bsky"]),
    site("mastodon", Social, &["mastodon.social", "mastodon.online", "mstdn.social", "mas.to", "joinmastodon.org"], &[]),
    site("snapchat", Social, &["snapchat.com"], &[]),
    site("tumblr", Social, &["tumblr.com"], &[]),
    site("vk", Social, &["vk.com", "vk.ru"], &["vkontakte"]),
    site("weibo", Social, &["weibo.com", "weibo.cn"], &[]),
    site("wechat", Social, &["wechat.com", "weixin.qq.com"], &["weixin"]),
    site("whatsapp", Social, &["whatsapp.com", "wa.me", "com.whatsapp"], &[]),
    site("telegram", Social, &["telegram.org", "telegram.me", "t.me", "org.telegram.messenger"], &[]),
    site("discord", Social, &["discord.com", "discord.gg"], &[]),
    site("hacker news", Social, &["news.ycombinator.com"], &["hackernews", "hn"]),
    site("nextdoor", Social, &["nextdoor.com"], &[]),
    site("flipboard", Social, &["flipboard.com"], &[]),
    site("meetup", Social, &["meetup.com"], &[]),
    site("yammer", Social, &["yammer.com"], &[]),
    // Searches
    everywhere("google", Search, &["com.google.android.googlequicksearchbox", "g.co"], &["google_ads", "google-ads", "googleads", "google ads", "adwords", "google_adwords"]),
    site("bing", Search, &["bing.com"], &["bing_ads", "bingads", "bing ads", "microsoft_ads", "microsoft ads"]),
    everywhere("yahoo", Search, &[], &[]),
    site("duckduckgo", Search, &["duckduckgo.com", "com.duckduckgo.mobile.android"], &["ddg"]),
    site("ecosia", Search, &["ecosia.org"], &[]),
    everywhere("yandex", Search, &["ya.ru"], &[]),
    site("baidu", Search, &["baidu.com"], &[]),
    site("naver", Search, &["naver.com"], &[]),
    site("daum", Search, &["daum.net"], &[]),
    site("qwant", Search, &["qwant.com"], &[]),
    site("startpage", Search, &["startpage.com"], &[]),
    site("brave search", Search, &["search.brave.com"], &["brave"]),
    site("kagi", Search, &["kagi.com"], &[]),
    site("swisscows", Search, &["swisscows.com"], &[]),
    site("mojeek", Search, &["mojeek.com"], &[]),
    site("metager", Search, &["metager.de", "metager.org"], &[]),
    site("seznam", Search, &["search.seznam.cz", "seznam.cz"], &[]),
    site("sogou", Search, &["sogou.com"], &[]),
    site("so.com", Search, &["so.com"], &["360.cn"]),
    site("aol", Search, &["aol.com"], &[]),
    site("ask", Search, &["ask.com"], &[]),
    site("t-online", Search, &["suche.t-online.de"], &[]),
];

/// Hosts by which people come back from signing in or paying: nobody was brought by them.
const WAYS_BACK: [&str; 20] = [
    "accounts.google.com",
    "accounts.youtube.com",
    "login.microsoftonline.com",
    "login.live.com",
    "login.microsoft.com",
    "login.yahoo.com",
    "appleid.apple.com",
    "idmsa.apple.com",
    "auth0.com",
    "okta.com",
    "onelogin.com",
    "paypal.com",
    "stripe.com",
    "klarna.com",
    "mollie.com",
    "adyen.com",
    "pay.google.com",
    "pay.amazon.com",
    "sofort.com",
    "recaptcha.net",
];

/// Whether people come back by this host from signing in or paying.
pub(super) fn is_way_back(host: &str) -> bool {
    WAYS_BACK.iter().any(|known| is_below(host, known))
}

/// The site that a host belongs to: the one that names the longest part of it.
pub(super) fn site_of_host(host: &str) -> Option<&'static Site> {
    let named = SITES
        .iter()
        .flat_map(|site| site.hosts.iter().map(move |known| (known.len(), *known, site)));
    let named = named.filter(|(_, known, _)| is_below(host, known));
    let longest = named.max_by_key(|(length, ..)| *length).map(|(.., site)| site);
    longest.or_else(|| {
        let domain = crate::profile::host::registrable(host)?;
        let (name, _) = domain.split_once('.')?;
        SITES.iter().find(|site| site.everywhere && site.name == name)
    })
}

/// The site that a link names as its source: by name, by another word, or by host.
pub(super) fn site_of_source(source: &str) -> Option<&'static Site> {
    let source = source.trim().to_lowercase();
    let by_word = SITES
        .iter()
        .find(|site| site.name == source || site.words.contains(&source.as_str()));
    by_word.or_else(|| site_of_host(&crate::profile::mailbox::host_of_address(&source)?))
}

fn is_below(host: &str, known: &str) -> bool {
    let rest = host.strip_suffix(known);
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
