//! The whole way in Debian's Chromium: a visitor on somebody's page, which loads Segment's browser library, becomes known and
//! qualifies, and a salesperson finds and accepts the lead in the inbox.

use bellwether_testkit::clients::{Browser, Page, node};
use thirtyfour::{
    By, WebDriver, WebElement, error::WebDriverResult, extensions::query::ElementQueryable as _,
};

use crate::company::{Company, clients, kinds};

#[tokio::test]
async fn a_visitor_becomes_a_lead_that_sales_can_call() -> WebDriverResult<()> {
    if node(&clients().join("node")).is_none() {
        return Ok(());
    }
    let Some(browser) = Browser::start() else {
        return Ok(());
    };
    let company = Company::start();
    let site = site(&company);
    let driver = WebDriver::new(browser.url(), browser.capabilities()).await?;

    driver.goto(&format!("{}/pricing", site.url())).await?;
    delivered(&driver, 1).await?;
    element(&driver, "email")
        .await?
        .send_keys("vera.visitor@acme.example")
        .await?;
    element(&driver, "title").await?.send_keys("VP Sales").await?;
    element(&driver, "send").await?.click().await?;
    delivered(&driver, 3).await?;
    element(&driver, "demo").await?.click().await?;
    delivered(&driver, 4).await?;
    assert_eq!(element(&driver, "failed").await?.text().await?, "0");

    let lead = company.lead("vera.visitor@acme.example");
    assert_eq!(kinds(&lead), ["identify", "page", "track", "track"]);
    assert_eq!(lead["lead"]["score"], "100.000", "{}", lead["ledger"]);
    assert_eq!(lead["lead"]["stage"], "mql");
    driver.quit().await
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

/// Waits until so many events of the page have been answered.
async fn delivered(driver: &WebDriver, events: u32) -> WebDriverResult<()> {
    let count = driver.query(By::Id("delivered")).with_text(events.to_string());
    count.first().await.map(drop)
}

async fn element(driver: &WebDriver, id: &'static str) -> WebDriverResult<WebElement> {
    driver.query(By::Id(id)).first().await
}
