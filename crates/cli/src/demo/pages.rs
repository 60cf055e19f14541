//! The demo company's site and what it offers: Quillmere sells software in which sales teams write their proposals.

/// A page of the site.
pub(super) struct SitePage {
    pub(super) path: &'static str,
    pub(super) title: &'static str,
}

const fn page(path: &'static str, title: &'static str) -> SitePage {
    SitePage { path, title }
}

/// The site's address.
pub(super) const SITE: &str = "https://www.quillmere.example";

pub(super) const HOME: SitePage = page("/", "Quillmere: proposals that write themselves");
pub(super) const PRICING: SitePage = page("/pricing", "Pricing");
pub(super) const PRICING_TEAMS: SitePage = page("/pricing/teams", "Pricing for teams");
pub(super) const DEMO: SitePage = page("/demo", "See Quillmere at work");
pub(super) const CONTACT: SitePage = page("/contact", "Talk to us");
pub(super) const CAREERS: SitePage = page("/careers", "Work at Quillmere");

/// How Quillmere compares.
pub(super) const COMPARISONS: [SitePage; 3] = [
    page("/compare/rival", "Quillmere and Rival Proposals, side by side"),
    page("/compare/documents-by-hand", "Quillmere and documents by hand"),
    page("/vs/otherwise-quotes", "Quillmere or Otherwise Quotes"),
];

/// What the product does.
pub(super) const PRODUCT: [SitePage; 6] = [
    page("/product", "What Quillmere does"),
    page("/product/templates", "Templates that stay in step"),
    page("/product/approvals", "Approvals without chasing"),
    page("/product/price-tables", "Price tables from your CRM"),
    page("/product/signatures", "Signatures"),
    page("/integrations", "Integrations"),
];

/// What customers say.
pub(super) const STORIES: [SitePage; 3] = [
    page("/customers", "Customers"),
    page(
        "/customers/larchwell",
        "Larchwell: from four days to one afternoon",
    ),
    page(
        "/customers/otterpath",
        "Otterpath: one price list, nine countries",
    ),
];

/// What there is to read.
pub(super) const BLOG: [SitePage; 8] = [
    page(
        "/blog/anatomy-of-a-proposal",
        "The anatomy of a proposal that wins",
    ),
    page("/blog/price-page-first", "Why buyers read the price page first"),
    page("/blog/follow-up-after-sending", "When to follow up after sending"),
    page("/blog/discounts-without-regret", "Discounts without regret"),
    page("/blog/legal-in-the-loop", "Keeping legal in the loop"),
    page("/blog/proposal-metrics", "Seven numbers about your proposals"),
    page(
        "/blog/executive-summary",
        "The executive summary, in five sentences",
    ),
    page("/blog/rfp-or-not", "To answer an RFP, or not"),
];

/// Where jobs are described.
pub(super) const JOBS: [SitePage; 3] = [
    page("/careers/account-executive", "Account Executive, Dublin"),
    page("/careers/customer-success", "Customer Success Manager, remote"),
    page("/careers/content-writer", "Content Writer, Berlin"),
];

/// Something to download: its kind as the agreement names it, and its title.
pub(super) type Asset = (&'static str, &'static str);

/// What readers download.
pub(super) const READING: [Asset; 4] = [
    ("ebook", "The proposal handbook"),
    ("ebook", "Winning on more than price"),
    ("research report", "State of proposals"),
    ("ebook", "Templates that people use"),
];

/// What buyers download.
pub(super) const BUYING_AIDS: [Asset; 2] = [
    ("ROI calculator", "What slow proposals cost you"),
    ("comparison guide", "Proposal software compared"),
];

/// Webinars on the product, which alternate with those below.
pub(super) const PRODUCT_WEBINARS: [&str; 3] = [
    "Quillmere in 30 minutes",
    "Approvals, live",
    "From CRM to signature",
];

/// Webinars on the trade.
pub(super) const TRADE_WEBINARS: [&str; 3] = [
    "Writing for the person who signs",
    "Pricing pages that sell",
    "Proposals in regulated markets",
];
