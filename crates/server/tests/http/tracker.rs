//! The tracker as it is served, the beacons that it sends, and the page that sets a site up.

use std::io::Read as _;

use axum::http::StatusCode;
use flate2::read::GzDecoder;
use serde_json::json;

use crate::desk::{Answer, Desk, PASSWORD};
use crate::pages::assert_page;

/// What sites load may have so many bytes on the wire.
const GZIPPED_BYTES_MAX: usize = 3 * 1024;

async fn script(desk: &Desk, headers: &[(&str, &str)]) -> Answer {
    desk.get("/t.js", headers).await
}

#[tokio::test]
async fn the_tracker_is_small_and_the_same_packed_or_not() {
    let desk = Desk::open().await;
    let packed = script(&desk, &[("accept-encoding", "gzip, deflate, br")]).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(
        packed.body.len() < GZIPPED_BYTES_MAX,
        "{} bytes are sent to each visitor",
        packed.body.len()
    );
    let plain = script(&desk, &[]).await;
    assert_eq!(plain.header("content-encoding"), "");
    let mut unpacked = String::new();
    GzDecoder::new(packed.body.as_slice())
        .read_to_string(&mut unpacked)
        .expect("gzip");
    assert_eq!(unpacked, plain.text());
    assert!(
        plain.text().contains(env!("CARGO_PKG_VERSION")),
        "the tracker says of which version it is"
    );
}

#[tokio::test]
async fn any_site_may_load_the_tracker_and_browsers_keep_it() {
    let desk = Desk::open().await;
    for accepted in ["gzip", "identity"] {
        let first = script(&desk, &[("accept-encoding", accepted)]).await;
        assert_eq!(first.status, StatusCode::OK);
        for (name, value) in [
            ("content-type", "text/javascript; charset=utf-8"),
            (
                "cache-control",
                "public, max-age=86400, stale-while-revalidate=604800",
            ),
            ("vary", "Accept-Encoding"),
            ("access-control-allow-origin", "*"),
            ("cross-origin-resource-policy", "cross-origin"),
            ("x-content-type-options", "nosniff"),
            ("set-cookie", ""),
        ] {
            assert_eq!(first.header(name), value, "{name}");
        }
        let tag = first.header("etag").to_owned();
        let again = script(&desk, &[("accept-encoding", accepted), ("if-none-match", &tag)]).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
        assert!(again.body.is_empty());
        assert_eq!(again.header("etag"), tag);
        let stale = script(
            &desk,
            &[("accept-encoding", accepted), ("if-none-match", "\"old\"")],
        )
        .await;
        assert_eq!(stale.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn another_sites_page_sends_without_asking_first() {
    let desk = Desk::open().await;
    let batch = json!({ "writeKey": desk.write_key, "batch": [
        { "type": "track", "event": "Demo Requested", "anonymousId": "visitor", "messageId": "one" } ] });
    // As `fetch` and `sendBeacon` send a text from a page of another site.
    let headers = [
        ("content-type", "text/plain;charset=UTF-8"),
        ("origin", "https://www.acme.example"),
    ];
    let taken = desk.post("/v1/batch", &headers, batch.to_string()).await;
    assert_eq!(taken.json()["okEvents"], 1, "{}", taken.text());
    assert_eq!(
        taken.header("access-control-allow-origin"),
        "https://www.acme.example"
    );
    assert_eq!(taken.header("access-control-expose-headers"), "Retry-After");
}

/// The cookie of somebody with this role.
async fn signed_in(desk: &Desk, role: &str) -> String {
    let person = json!({ "name": "Mia", "email": "mia@acme.example", "password": PASSWORD, "role": role });
    let made = desk.api("POST", "/api/v1/users", Some(person)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let form = format!("email=mia%40acme.example&password={}", PASSWORD.replace(' ', "+"));
    let answer = desk.form("/sign-in", "", &form).await;
    let cookie = answer.header("set-cookie").split(';').next();
    cookie.unwrap_or_default().to_owned()
}

/// The value of a hidden field, or of the page's first.
fn csrf(page: &Answer) -> String {
    let (_, after) = page.text().split_once("name=\"csrf\" value=\"").expect("a form");
    after.split('"').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn setting_up_is_for_marketing_and_administrators() {
    for (role, status) in [
        ("sales", StatusCode::FORBIDDEN),
        ("marketing", StatusCode::OK),
        ("admin", StatusCode::OK),
    ] {
        let desk = Desk::open().await;
        let cookie = signed_in(&desk, role).await;
        assert_eq!(desk.page("/setup", &cookie).await.status, status, "{role}");
        let inbox = desk.page("/", &cookie).await;
        assert_eq!(
            inbox.text().contains("href=\"/setup\""),
            status == StatusCode::OK,
            "{role}"
        );
        let form = format!("csrf={}&name=Website", csrf(&inbox));
        let made = desk.form("/setup/keys", &cookie, &form).await;
        assert_eq!(
            made.status == StatusCode::SEE_OTHER,
            status == StatusCode::OK,
            "{role}"
        );
    }
    let desk = Desk::open().await;
    assert_eq!(
        desk.page("/setup", "").await.header("location"),
        "/sign-in?next=/setup"
    );
}

#[tokio::test]
async fn a_key_is_made_and_stands_in_the_snippet() {
    let desk = Desk::open_as(Some("https://bell.acme.example")).await;
    let cookie = signed_in(&desk, "marketing").await;
    let page = desk.page("/setup?consent=required&engagement=all", &cookie).await;
    assert_page(&page);
    assert!(page.text().contains("bw_write_…"), "{}", page.text());
    assert!(
        page.text()
            .contains("data-region=\"arrivals\" data-live=\"/live\" data-follows=\"leads\"")
    );
    assert!(page.text().contains("data-consent=&#34;required&#34;"));
    let wrong = desk.form("/setup/keys", &cookie, "csrf=0&name=Website").await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    let form = format!("csrf={}&name=Shop&consent=required&hash=&evil=%26", csrf(&page));
    let made = desk.form("/setup/keys", &cookie, &form).await;
    let place = made.header("location").to_owned();
    let (_, after) = place.split_once("/setup?key=").expect("the key is shown");
    let key = after.strip_suffix("&consent=required").expect("choices are kept");
    assert!(key.starts_with("bw_write_"), "{place}");

    let page = desk.page(&place, &cookie).await;
    assert_page(&page);
    let script = format!(
        "&#60;script async src=&#34;https://bell.acme.example/t.js&#34; data-key=&#34;{key}&#34; data-consent=&#34;required&#34;&#62;"
    );
    assert!(page.text().contains(&script), "{}", page.text());
    assert!(page.text().contains("<strong>Shop</strong> is a write key"));
    let body = json!({ "writeKey": key, "batch": [
        { "type": "page", "anonymousId": "visitor", "context": { "page": { "path": "/pricing" } } },
        { "type": "track", "anonymousId": "visitor", "event": "Demo <b>Requested</b>" } ] });
    let sent = desk.post("/v1/batch", &[], body.to_string()).await;
    assert_eq!(sent.json()["okEvents"], 2, "{}", sent.text());
    let page = desk.page(&place, &cookie).await;
    assert_page(&page);
    for text in [
        "Events arrive through Shop.",
        "<b>Page</b> /pricing <span>· Shop</span>",
        "Demo &#60;b&#62;Requested",
    ] {
        assert!(page.text().contains(text), "no {text} in {}", page.text());
    }
    let other = desk
        .page(&format!("/setup?key={}", desk.write_key), &cookie)
        .await;
    assert!(
        other
            .text()
            .contains("Waiting for the first event. None came through Website"),
        "{}",
        other.text()
    );
    desk.pass(31);
    let later = desk.page(&place, &cookie).await;
    assert!(later.text().contains("Waiting for the first event."));
}

#[tokio::test]
async fn a_wrong_key_never_gets_into_the_snippet() {
    let desk = Desk::open().await;
    let cookie = signed_in(&desk, "admin").await;
    for (key, said) in [
        ("bw_write_0000", "No key of this server is that."),
        ("%22%3E%3Cscript%3E", "A write key says which site"),
    ] {
        let page = desk.page(&format!("/setup?key={key}"), &cookie).await;
        assert_page(&page);
        assert!(page.text().contains(said), "{key}: {}", page.text());
        assert!(page.text().contains("data-key=&#34;bw_write_…&#34;"), "{key}");
    }
    let place = format!("/setup?key={}&hash=on", desk.admin_key);
    let moved = desk.page(&place, &cookie).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER);
    assert_eq!(moved.header("location"), "/setup?admin=1");
    let page = desk.page("/setup?admin=1", &cookie).await;
    assert_page(&page);
    assert!(
        page.text().contains("That was an admin key: revoke it now."),
        "{}",
        page.text()
    );
    assert!(!page.text().contains(&desk.admin_key));
    let refused = desk.post("/v1/batch", &[], "{\"batch\":[]}").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    // What is refused is written down beside; a batch that is taken waits for it.
    desk.qualify("kim", "Kim Lee").await;
    let page = desk.page("/setup", &cookie).await;
    assert!(
        page.text().contains("no write key that is known"),
        "{}",
        page.text()
    );
}
