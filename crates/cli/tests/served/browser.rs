//! The whole way in Debian's Chromium: a visitor on somebody's page, which loads Segment's browser library, becomes known and
//! qualifies, and a salesperson, whose inbox is open, sees the lead come and accepts it, with the keyboard alone.

use std::path::Path;

use bellwether_testkit::clients::http::Http;
use bellwether_testkit::clients::{Browser, Page, node};
use serde_json::json;
use thirtyfour::error::{WebDriverErrorInner, WebDriverResult};
use thirtyfour::extensions::query::ElementQueryable as _;
use thirtyfour::{By, Key, WebDriver, WebElement};

use crate::company::{Company, SALESPERSON_EMAIL, clients, kinds};

/// Who is in the inbox before the visitor comes.
const EARLIER: &str = "walter.waiting@acme.example";
/// Who visits.
const VISITOR: &str = "vera.visitor@acme.example";

#[tokio::test]
async fn a_visitor_becomes_a_lead_that_a_salesperson_accepts() -> WebDriverResult<()> {
    if node(&clients().join("node")).is_none() {
        return Ok(());
    }
    let Some(browser) = Browser::start() else {
        return Ok(());
    };
    let company = Company::start();
    somebody_qualified_earlier(&company);
    let site = site(&company);
    let driver = WebDriver::new(browser.url(), browser.capabilities()).await?;

    sign_in(&driver, &company).await?;
    row_of(&driver, EARLIER).await?;
    let inbox = driver.window().await?;
    let tab = driver.new_tab().await?;
    driver.switch_to_window(tab).await?;
    visit(&driver, &site).await?;
    driver.close_window().await?;

    let lead = company.lead(VISITOR);
    assert_eq!(kinds(&lead), ["identify", "page", "track", "track"]);
    assert_eq!(lead["lead"]["score"], "100.000", "{}", lead["ledger"]);
    assert_eq!(lead["lead"]["stage"], "mql");
    assert_eq!(lead["lead"]["owner"]["name"], "Sam Sales");

    driver.switch_to_window(inbox).await?;
    // Nobody loads the page again: it heard that there is somebody new.
    row_of(&driver, VISITOR).await?;
    picture(&driver, "inbox.png").await?;
    accept_with_keys(&driver).await?;
    picture(&driver, "inbox-accepted.png").await?;

    let stage = |email: &str| company.lead(email)["lead"]["stage"].clone();
    assert_eq!((stage(VISITOR), stage(EARLIER)), (json!("sal"), json!("mql")));
    assert_eq!(company.lead(VISITOR)["handoffs"][0]["state"], "accepted");
    driver.quit().await
}

/// Somebody else than the visitor does what qualifies, so that the keys have two rows to move between.
fn somebody_qualified_earlier(company: &Company) {
    let traits = json!({ "email": EARLIER, "title": "VP Sales", "employees": 250 });
    let batch = json!({ "batch": [
        { "type": "identify", "userId": EARLIER, "traits": traits },
        { "type": "page", "userId": EARLIER, "properties": { "path": "/pricing" } },
        { "type": "track", "userId": EARLIER, "event": "Asset Downloaded", "properties": { "kind": "case study" } },
        { "type": "track", "userId": EARLIER, "event": "Demo Requested" },
    ] });
    let write = Http::new(&company.server.url()).basic(&company.write_key);
    let _ = write.post("/v1/batch", &batch).expect_status(200);
    assert_eq!(company.lead(EARLIER)["lead"]["stage"], "mql");
}

fn site(company: &Company) -> Page {
    let library = clients().join("node/node_modules/@segment/analytics-next/dist/umd");
    Page::start(
        &clients().join("browser"),
        &library,
        &company.server.url(),
        &company.write_key,
    )
}

/// The inbox sends whoever is not signed in to the door, and the door back to the inbox.
async fn sign_in(driver: &WebDriver, company: &Company) -> WebDriverResult<()> {
    driver.goto(&company.server.url()).await?;
    let field = |name| async move { driver.query(By::Name(name)).first().await };
    field("email").await?.send_keys(SALESPERSON_EMAIL).await?;
    let password = field("password").await?;
    password.send_keys(company.password.as_str()).await?;
    password.send_keys(Key::Enter + "").await
}

/// What the visitor does, each step after the one before has been answered.
async fn visit(driver: &WebDriver, site: &Page) -> WebDriverResult<()> {
    driver.goto(&format!("{}/pricing", site.url())).await?;
    delivered(driver, 1).await?;
    element(driver, "email").await?.send_keys(VISITOR).await?;
    element(driver, "title").await?.send_keys("VP Sales").await?;
    element(driver, "send").await?.click().await?;
    delivered(driver, 3).await?;
    element(driver, "demo").await?.click().await?;
    delivered(driver, 4).await?;
    assert_eq!(element(driver, "failed").await?.text().await?, "0");
    Ok(())
}

/// `j` goes down the rows and stops at the last, `k` goes up, `a` accepts the row one is at.
async fn accept_with_keys(driver: &WebDriver) -> WebDriverResult<()> {
    for (key, expected) in [
        ("j", EARLIER),
        ("j", VISITOR),
        ("j", VISITOR),
        ("k", EARLIER),
        ("j", VISITOR),
    ] {
        press(driver, key).await?;
        let text = current_row(driver).await?;
        assert!(text.contains(expected), "after `{key}` the row is: {text}");
    }
    press(driver, "a").await?;
    driver.query(By::Css(".flash")).first().await?;
    // It stands after the rows, so they are all there.
    element(driver, "keys").await?;
    let rows = driver.find_all(By::Css("[data-row]")).await?;
    assert_eq!(rows.len(), 1, "who was accepted is in the inbox no more");
    row_of(driver, EARLIER).await.map(drop)
}

/// What the row says that one is at.
async fn current_row(driver: &WebDriver) -> WebDriverResult<String> {
    unless_stale(async || {
        let current = driver.query(By::Css("[data-row].current")).first().await?;
        current.text().await
    })
    .await
}

/// Looks again where the page fetched its rows anew between finding one and reading it.
async fn unless_stale<T>(look: impl AsyncFn() -> WebDriverResult<T>) -> WebDriverResult<T> {
    const TRIES_MAX: usize = 10;
    for _ in 1..TRIES_MAX {
        match look().await {
            Err(error) if matches!(&*error, WebDriverErrorInner::StaleElementReference(_)) => {}
            found => return found,
        }
    }
    look().await
}

async fn press(driver: &WebDriver, key: &str) -> WebDriverResult<()> {
    driver.action_chain().send_keys(key).perform().await
}

/// Waits for the row of the lead with this address.
async fn row_of(driver: &WebDriver, email: &'static str) -> WebDriverResult<WebElement> {
    unless_stale(async || {
        let rows = driver.query(By::Css("[data-row]"));
        let theirs = rows.with_text(thirtyfour::stringmatch::StringMatch::from(email).partial());
        theirs.first().await
    })
    .await
}

/// Keeps a picture of the page beside what the tests build, for a look.
async fn picture(driver: &WebDriver, name: &str) -> WebDriverResult<()> {
    driver
        .screenshot(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(name))
        .await
}

/// Waits until so many events of the page have been answered.
async fn delivered(driver: &WebDriver, events: u32) -> WebDriverResult<()> {
    let count = driver.query(By::Id("delivered")).with_text(events.to_string());
    count.first().await.map(drop)
}

async fn element(driver: &WebDriver, id: &'static str) -> WebDriverResult<WebElement> {
    driver.query(By::Id(id)).first().await
}
