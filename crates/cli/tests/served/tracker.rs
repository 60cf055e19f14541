//! The tracker in Debian's Chromium, on pages of another origin with a strict policy: what visitors do arrives, once, and
//! nothing of those who object to it.

mod site;

use bellwether_testkit::clients::{Browser, Way};
use serde_json::{Value, json};
use thirtyfour::{By, WebDriver, error::WebDriverResult};

use self::site::{Tracked, named};
use crate::company::kinds;

/// Who visits.
const VISITOR: &str = "vera.visitor@acme.example";

#[tokio::test]
async fn what_a_visitor_does_arrives_and_makes_a_lead() -> WebDriverResult<()> {
    let Some(browser) = Browser::start() else {
        return Ok(());
    };
    let site = Tracked::start();
    let driver = WebDriver::new(browser.url(), browser.capabilities()).await?;
    site.visit(
        &driver,
        "/pricing?utm_source=ads&utm_campaign=spring&token=secret-token",
    )
    .await?;
    site.until("page", "/pricing");
    driver.find(By::Id("guide")).await?.click().await?;
    site.until("page", "/guide");
    reads_on_in_one_page(&driver, &site).await?;
    asks_for_a_demo(&driver).await?;
    site.until("page", "/thanks");
    scrolls_and_leaves(&driver, &site).await?;
    arrived_whole(&site);
    driver.quit().await
}

/// Routers change the address without loading a page; the same address again is no new page.
async fn reads_on_in_one_page(driver: &WebDriver, site: &Tracked) -> WebDriverResult<()> {
    for script in [
        "history.pushState({}, '', '/app/one'); history.replaceState({}, '', '/app/one')",
        "history.pushState({}, '', '/app/one?sorted=yes#part')",
        "history.pushState({}, '', '/app/two')",
        "history.back()",
    ] {
        // Each address has had its turn before the next: pages are looked at once their router is done.
        let turn = format!("const done = arguments[0]; {script}; setTimeout(() => setTimeout(done, 50), 50)");
        driver.execute_async(turn, Vec::new()).await?;
    }
    let events = site.wait(|events| paths(events).len() >= 5);
    assert_eq!(
        paths(&events),
        ["/pricing", "/guide", "/app/one", "/app/two", "/app/one"]
    );
    Ok(())
}

async fn asks_for_a_demo(driver: &WebDriver) -> WebDriverResult<()> {
    for (name, text) in [
        ("work_email", VISITOR),
        ("title", "VP Sales"),
        ("phone", "+49 1511 2345 6789"),
        ("message", "Please call"),
        ("login", "secret-password"),
    ] {
        driver.find(By::Name(name)).await?.send_keys(text).await?;
    }
    driver.find(By::Id("send")).await?.click().await
}

/// How far and how long is told once, by the page that ends.
async fn scrolls_and_leaves(driver: &WebDriver, site: &Tracked) -> WebDriverResult<()> {
    site.visit(driver, "/long").await?;
    let look = "const [done] = arguments; const was = ticks; scrollTo(0, document.body.scrollHeight / 4);
                const look = () => ticks > was + 3 ? done(ticks) : setTimeout(look, 10); look()";
    driver.execute_async(look, Vec::new()).await?;
    // Out of sight it is kept and not sent, as the page may come back; which it does.
    assert_eq!(kept_while(driver, "true").await?, 1);
    assert_eq!(kept_while(driver, "false").await?, 0);
    driver.find(By::Id("away")).await?.click().await?;
    site.until("page", "/away");
    let events = site.wait(|events| !named(events, "Page Engaged").is_empty());
    let engaged = named(&events, "Page Engaged");
    assert_eq!(engaged.len(), 1, "{engaged:?}");
    let properties = &engaged[0]["properties"];
    assert_eq!(properties["path"], "/long");
    let number = |name: &str| properties[name].as_u64().unwrap_or_default();
    assert!(number("engaged_seconds") >= 3, "{properties}");
    assert!((20..100).contains(&number("scroll_percent")), "{properties}");
    Ok(())
}

/// How many events are kept once the page is told whether it is hidden.
async fn kept_while(driver: &WebDriver, is_hidden: &str) -> WebDriverResult<usize> {
    let turn = format!(
        "Object.defineProperty(document, 'hidden', {{ value: {is_hidden}, configurable: true }});
         document.dispatchEvent(new Event('visibilitychange', {{ bubbles: true }}))"
    );
    say(driver, &turn).await?;
    let kept = kept(driver).await?;
    let keys = kept["keys"].as_array().into_iter().flatten();
    Ok(keys
        .filter(|key| key.as_str().is_some_and(|key| key.starts_with("bw.e.")))
        .count())
}

/// What the server made of it, and that nothing came that may not leave a page.
fn arrived_whole(site: &Tracked) {
    let lead = site.company.lead(VISITOR);
    assert_eq!(
        kinds(&lead),
        [
            "identify", "page", "page", "page", "page", "page", "page", "page", "page", "track", "track",
            "track"
        ],
        "{lead}"
    );
    assert_eq!(lead["lead"]["score"], "100.000", "{}", lead["ledger"]);
    assert_eq!(lead["lead"]["stage"], "mql");
    let events = site.events();
    let asked = named(&events, "Demo Requested");
    assert_eq!(
        asked[0]["properties"],
        json!({
            "source": "website", "work_email": VISITOR, "title": "VP Sales", "phone": "+49 1511 2345 6789",
            "message": "Please call", "topics": ["routing", "scoring"], "plan": "team",
        })
    );
    let landed = &events[0];
    assert_eq!(
        landed["context"]["campaign"],
        json!({ "source": "ads", "name": "spring" })
    );
    assert_eq!(landed["context"]["page"]["path"], "/pricing");
    let sent = site.sent();
    assert!(!sent.contains("secret-"), "{sent}");
    assert!(!sent.contains("4111"), "{sent}");
    assert!(!sent.contains("token"), "{sent}");
}

fn paths(events: &[Value]) -> Vec<&str> {
    let pages = events.iter().filter(|event| event["type"] == "page");
    pages
        .filter_map(|page| page["properties"]["path"].as_str())
        .collect()
}

#[tokio::test]
async fn nothing_is_kept_or_sent_against_a_visitors_will() -> WebDriverResult<()> {
    let Some(browser) = Browser::start() else {
        return Ok(());
    };
    let site = Tracked::start();
    let driver = WebDriver::new(browser.url(), browser.capabilities()).await?;
    site.visit(&driver, "/before").await?;
    site.until("page", "/before");
    let kept = kept(&driver).await?;
    assert!(
        kept["cookie"]
            .as_str()
            .is_some_and(|cookie| cookie.starts_with("bw_id=")),
        "{kept}"
    );

    // Somebody objects: what was kept before is gone, and what the page says is heard by nobody.
    site.visit(&driver, "/objecting").await?;
    say(&driver, "bellwether.track('Objected'); bellwether.consent(true)").await?;
    assert_eq!(self::kept(&driver).await?, json!({ "cookie": "", "keys": [] }));

    consent_is_asked_for(&driver, &site).await?;
    a_refusal_is_remembered(&driver, &site).await?;
    a_refusal_holds_in_pages_that_are_open(&driver, &site).await?;
    a_refusal_holds_in_pages_that_come_back(&driver, &site).await?;

    // What another way of using the site has left is none of this one's.
    say(&driver, "bellwether.consent(false); localStorage.clear()").await?;
    site.visit(&driver, "/storeless").await?;
    site.until("page", "/storeless");
    assert_eq!(self::kept(&driver).await?, json!({ "cookie": "", "keys": [] }));

    // Where storage and cookies are blocked, the page still works, and so does the tracker.
    site.visit(&driver, "/broken").await?;
    site.until("page", "/broken");

    site.visit(&driver, "/early").await?;
    site.until("page", "/early");
    let events = site.events();
    assert_eq!(named(&events, "Called Early")[0]["properties"]["sooner"], true);
    assert!(!site.sent().contains("bject"), "{}", site.sent());
    assert!(!site.sent().contains("efused"), "{}", site.sent());
    driver.quit().await
}

/// Nothing leaves and nothing is kept before consent; then all of it, as it happened. Withdrawn, it is all gone.
async fn consent_is_asked_for(driver: &WebDriver, site: &Tracked) -> WebDriverResult<()> {
    site.visit(driver, "/consent").await?;
    say(driver, "bellwether.track('Waited')").await?;
    assert_eq!(kept(driver).await?, json!({ "cookie": "", "keys": [] }));
    say(driver, "bellwether.consent(true)").await?;
    site.until("page", "/consent");
    let batches = site.batches();
    let with_page = batches.iter().find(|batch| paths(batch).contains(&"/consent"));
    let together = with_page.is_some_and(|batch| named(batch, "Waited").len() == 1);
    assert!(
        together,
        "what waited is sent together, once it may be: {batches:?}"
    );
    let kept_now = kept(driver).await?;
    assert!(
        kept_now["cookie"]
            .as_str()
            .is_some_and(|cookie| cookie.starts_with("bw_id=")),
        "{kept_now}"
    );

    // It needn't be given again on the next page, and can be taken back.
    site.visit(driver, "/consent/again").await?;
    site.until("page", "/consent/again");
    say(
        driver,
        "bellwether.track('Taken back'); bellwether.consent(false); bellwether.track('Refused')",
    )
    .await?;
    assert_eq!(kept(driver).await?, json!({ "cookie": "", "keys": [] }));
    Ok(())
}

/// Where nobody asks first, a refusal holds on the pages that follow.
async fn a_refusal_is_remembered(driver: &WebDriver, site: &Tracked) -> WebDriverResult<()> {
    site.visit(driver, "/plain").await?;
    site.until("page", "/plain");
    say(driver, "bellwether.consent(false)").await?;
    site.visit(driver, "/declined").await?;
    say(driver, "bellwether.track('Refused')").await?;
    assert_eq!(
        kept(driver).await?,
        json!({ "cookie": "", "keys": ["bw.consent"] })
    );
    say(driver, "bellwether.consent(true); bellwether.track('Allowed')").await?;
    site.wait(|events| !named(events, "Allowed").is_empty());
    Ok(())
}

/// What is refused in one tab is refused in the others, and what is allowed in one is allowed in those that wait.
async fn a_refusal_holds_in_pages_that_are_open(driver: &WebDriver, site: &Tracked) -> WebDriverResult<()> {
    let first = driver.window().await?;
    site.visit(driver, "/open").await?;
    site.until("page", "/open");
    let second = driver.new_tab().await?;
    driver.switch_to_window(second.clone()).await?;
    site.visit(driver, "/open/second").await?;
    say(driver, "bellwether.consent(false)").await?;
    driver.switch_to_window(first.clone()).await?;
    say(driver, "bellwether.track('Refused elsewhere')").await?;
    assert_eq!(anonymous_id(driver).await?, Value::Null);
    assert_eq!(
        kept(driver).await?,
        json!({ "cookie": "", "keys": ["bw.consent"] })
    );

    say(driver, "localStorage.clear()").await?;
    site.visit(driver, "/consent/waiting").await?;
    driver.switch_to_window(second.clone()).await?;
    site.visit(driver, "/consent/second").await?;
    say(driver, "bellwether.consent(true)").await?;
    site.until("page", "/consent/waiting");
    say(driver, "bellwether.consent(false)").await?;
    driver.switch_to_window(first.clone()).await?;
    say(driver, "bellwether.track('Refused elsewhere')").await?;
    assert_eq!(kept(driver).await?, json!({ "cookie": "", "keys": [] }));
    driver.switch_to_window(second).await?;
    driver.close_window().await?;
    driver.switch_to_window(first).await
}

/// A page that waits in the browser to be shown again hears nothing of other tabs meanwhile; it looks once it is back.
async fn a_refusal_holds_in_pages_that_come_back(driver: &WebDriver, site: &Tracked) -> WebDriverResult<()> {
    let back = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))";
    for (path, meanwhile, keys) in [
        ("/back", "localStorage['bw.consent'] = 0", json!(["bw.consent"])),
        (
            "/consent/back",
            "localStorage.removeItem('bw.consent')",
            json!([]),
        ),
        (
            "/back/signal",
            "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })",
            json!([]),
        ),
    ] {
        // What happens while somebody refuses isn't held for later.
        say(driver, "localStorage.clear()").await?;
        site.visit(driver, path).await?;
        say(driver, "bellwether.consent(true)").await?;
        site.until("page", path);
        // No page tells itself of what it stores, so nothing is heard of it before the page is back.
        say(
            driver,
            &format!("{meanwhile}; history.pushState({{}}, '', '/refused'); {back}"),
        )
        .await?;
        assert_eq!(
            kept(driver).await?,
            json!({ "cookie": "", "keys": keys }),
            "{path}"
        );
        assert_eq!(anonymous_id(driver).await?, Value::Null, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_sent_now_is_sent_later_and_once() -> WebDriverResult<()> {
    let Some(browser) = Browser::start() else {
        return Ok(());
    };
    let site = Tracked::start();
    let driver = WebDriver::new(browser.url(), browser.capabilities()).await?;
    site.visit(&driver, "/pricing").await?;
    let identify = format!("bellwether.identify('vera', {{ email: '{VISITOR}' }})");
    say(&driver, &identify).await?;
    site.until("page", "/pricing");
    site.until("identify", "/pricing");

    what_waits_is_bounded_and_counted(&driver, &site).await?;
    two_tabs_send_each_event_once(&driver, &site).await?;
    a_page_that_ends_while_it_sends_loses_nothing(&driver, &site).await?;
    driver.quit().await
}

/// While the network is down, as many events wait as may; those that had to go are counted.
async fn what_waits_is_bounded_and_counted(driver: &WebDriver, site: &Tracked) -> WebDriverResult<()> {
    site.gate.set(Way::Cut);
    say(
        driver,
        "for (let at = 1; at <= 250; at++) bellwether.track('Offline', { at })",
    )
    .await?;
    site.gate
        .wait_for(|posts| posts.last().is_some_and(|post| post.status == 0));
    site.gate.set(Way::Open);
    say(driver, "dispatchEvent(new Event('online'))").await?;
    let events = site.wait(|events| named(events, "Offline").len() >= 200);
    let offline = named(&events, "Offline");
    assert_eq!(offline.len(), 200, "as many as may wait");
    let number = |name: &str| -> Vec<u64> {
        let properties = offline.iter().map(|event| &event["properties"][name]);
        properties.filter_map(Value::as_u64).collect()
    };
    let at = number("at");
    assert!(
        at.contains(&250) && !at.contains(&1),
        "the oldest were let go: {at:?}"
    );
    assert_eq!(number("dropped_events").iter().sum::<u64>(), 50, "and counted");
    Ok(())
}

async fn two_tabs_send_each_event_once(driver: &WebDriver, site: &Tracked) -> WebDriverResult<()> {
    let first = driver.window().await?;
    let second = driver.new_tab().await?;
    site.gate.set(Way::Refused);
    say(driver, "bellwether.track('From one tab')").await?;
    driver.switch_to_window(second.clone()).await?;
    site.visit(driver, "/second").await?;
    say(driver, "bellwether.track('From another tab')").await?;
    let refused = site.gate.posts().len();
    site.gate.wait_for(|posts| posts.len() >= refused + 2);
    site.gate.set(Way::Open);
    site.wait(|events| {
        !named(events, "From one tab").is_empty() && !named(events, "From another tab").is_empty()
    });
    let sent = site.batches().concat();
    for name in ["From one tab", "From another tab"] {
        assert_eq!(named(&sent, name).len(), 1, "`{name}` was taken twice");
    }
    driver.close_window().await?;
    driver.switch_to_window(first).await
}

async fn a_page_that_ends_while_it_sends_loses_nothing(
    driver: &WebDriver,
    site: &Tracked,
) -> WebDriverResult<()> {
    let first = driver.window().await?;
    let tab = driver.new_tab().await?;
    driver.switch_to_window(tab).await?;
    site.visit(driver, "/ending").await?;
    site.until("page", "/ending");
    site.gate.set(Way::Held);
    say(driver, "bellwether.track('Cut off')").await?;
    site.gate.wait_for_held(1);
    driver.close_window().await?;
    site.gate.set(Way::Refused);
    site.gate.set(Way::Open);
    driver.switch_to_window(first).await?;
    site.visit(driver, "/after").await?;
    site.until("page", "/after");
    site.wait(|events| !named(events, "Cut off").is_empty());
    let lead = site.company.lead(VISITOR);
    let listed = lead["events"]["items"].as_array().expect("events");
    let cut_off = listed.iter().filter(|event| event["name"] == "Cut off");
    assert_eq!(cut_off.count(), 1, "{lead}");
    assert_eq!(failures(driver).await?, json!([]));
    Ok(())
}

/// Runs a statement of the page's own.
async fn say(driver: &WebDriver, script: &str) -> WebDriverResult<()> {
    driver.execute(script, Vec::new()).await.map(drop)
}

/// What the tracker keeps in the browser, for this site.
async fn kept(driver: &WebDriver) -> WebDriverResult<Value> {
    let script = "return { cookie: document.cookie, keys: Object.keys(localStorage) }";
    Ok(driver.execute(script, Vec::new()).await?.json().clone())
}

/// Who the tracker takes this browser for.
async fn anonymous_id(driver: &WebDriver) -> WebDriverResult<Value> {
    let script = "return bellwether.anonymousId()";
    Ok(driver.execute(script, Vec::new()).await?.json().clone())
}

/// What the page noticed of errors and of breaches of its policy.
pub(crate) async fn failures(driver: &WebDriver) -> WebDriverResult<Value> {
    let noticed = driver.execute("return window.failures", Vec::new()).await?;
    Ok(noticed.json().clone())
}
