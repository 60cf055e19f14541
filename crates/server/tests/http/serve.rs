//! The loop that serves, on a real socket: it answers, and it stops while pages still listen.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::desk::Desk;

async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut bytes = [0; 4_096];
    while !text.contains(end) {
        let length = stream.read(&mut bytes).await.expect("the connection holds");
        assert!(length > 0, "the connection ended after {text}");
        text.push_str(std::str::from_utf8(&bytes[..length]).expect("answers are text"));
    }
    text
}

#[tokio::test]
async fn a_stop_ends_streams_and_lets_the_server_go() {
    let desk = Desk::open().await;
    let cookie = desk.sign_in().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(bellwether_server::serve(listener, desk.router(), async {
        drop(stopped.await);
    }));

    let mut plain = TcpStream::connect(address).await.expect("a connection");
    plain
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
        .await
        .expect("it is sent");
    let answer = read_until(&mut plain, "alive\n").await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.contains("x-request-id: "),
        "{answer}"
    );

    let mut live = TcpStream::connect(address).await.expect("a connection");
    let request = format!("GET /live HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\n\r\n");
    live.write_all(request.as_bytes()).await.expect("it is sent");
    read_until(&mut live, "text/event-stream").await;

    stop.send(()).expect("the server listens for it");
    server.await.expect("no panic").expect("a clean end");
    let mut rest = Vec::new();
    live.read_to_end(&mut rest).await.expect("the stream ended");
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn what_is_no_http_is_answered_and_left() {
    let desk = Desk::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(bellwether_server::serve(listener, desk.router(), async {
        drop(stopped.await);
    }));
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(bytes).await.expect("it is sent");
        stream.shutdown().await.expect("it is said to be all");
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer).await);
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"),
            "{answer:?}"
        );
    }
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream
        .write_all(b"GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n")
        .await
        .expect("it is sent");
    read_until(&mut stream, "ready\n").await;
    stop.send(()).expect("the server listens for it");
    server.await.expect("no panic").expect("a clean end");
}
