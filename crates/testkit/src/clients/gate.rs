//! A gate before the server that fails requests and then lets them through: how clients retry shows behind it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::{
    http::Http,
    listener::{Incoming, Listener, Outgoing},
};

/// A gate on a port of its own.
pub struct Gate {
    listener: Listener,
    passage: Arc<Passage>,
}

/// What becomes of posts from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// They reach the server, but for those that the gate was started to fail.
    Open,
    /// They are answered 503 with `Retry-After: 1`.
    Refused,
    /// They are not answered at all, as by a network that is down: their connection ends.
    Cut,
    /// They wait until the way is another.
    Held,
}

/// A post that came, and what became of it.
#[derive(Clone, Debug)]
pub struct Post {
    /// With which status; 0 where it was not answered at all.
    pub status: u16,
    /// What it held.
    pub body: Vec<u8>,
}

struct Passage {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    way: Way,
    refuse: usize,
    lose: usize,
    held: usize,
    posts: Vec<Post>,
}

impl Passage {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until this is so.
    fn until(&self, is_so: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self.state();
        self.changed
            .wait_while(state, |state| !is_so(state))
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.state());
        self.changed.notify_all();
        changed
    }

    fn answer(&self, server: &Http, request: &Incoming) -> Outgoing {
        if request.method != "POST" {
            return pass(server, request);
        }
        self.change(|state| state.held += 1);
        drop(self.until(|state| state.way != Way::Held));
        let (cut, refused, lost) = self.change(|state| {
            state.held -= 1;
            let number = state.posts.len();
            let refused = state.way == Way::Refused || number < state.refuse;
            (state.way == Way::Cut, refused, number < state.refuse + state.lose)
        });
        let answer = if cut {
            Outgoing::default()
        } else if refused {
            unavailable()
        } else if lost {
            pass(server, request);
            unavailable()
        } else {
            pass(server, request)
        };
        let post = Post {
            status: answer.status,
            body: request.body.clone(),
        };
        self.change(|state| state.posts.push(post));
        answer
    }
}

/// Headers that belong to one connection and are not passed on.
const OF_CONNECTION: [&str; 5] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "keep-alive",
];

impl Gate {
    /// A gate before the server at this URL. The first posts are answered 503 with `Retry-After: 1`; of the next, the
    /// answers get lost after the server has taken the events, so that the client sends them again.
    ///
    /// # Panics
    /// When no port can be opened.
    pub fn start(server: &str, refuse: usize, lose: usize) -> Gate {
        let state = State {
            way: Way::Open,
            refuse,
            lose,
            held: 0,
            posts: Vec::new(),
        };
        let passage = Arc::new(Passage {
            state: Mutex::new(state),
            changed: Condvar::new(),
        });
        let (passed, server) = (Arc::clone(&passage), Http::new(server));
        let listener = Listener::start(move |request| passed.answer(&server, &request));
        Gate { listener, passage }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.listener.url()
    }

    /// What becomes of posts from now on, those that are held included.
    pub fn set(&self, way: Way) {
        self.passage.change(|state| state.way = way);
    }

    /// Waits until so many posts are held.
    pub fn wait_for_held(&self, posts: usize) {
        drop(self.passage.until(|state| state.held >= posts));
    }

    /// Waits until this is true of the posts that were answered, and gives them.
    pub fn wait_for(&self, is_so: impl Fn(&[Post]) -> bool) -> Vec<Post> {
        self.passage.until(|state| is_so(&state.posts)).posts.clone()
    }

    /// The posts that were answered, in order.
    pub fn posts(&self) -> Vec<Post> {
        self.passage.state().posts.clone()
    }

    /// The statuses that posts were answered with, in order.
    pub fn statuses(&self) -> Vec<u16> {
        self.posts().iter().map(|post| post.status).collect()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        // Nobody may wait for a gate that is gone.
        self.set(Way::Open);
    }
}

fn unavailable() -> Outgoing {
    Outgoing {
        status: 503,
        headers: vec![("Retry-After".to_owned(), "1".to_owned())],
        body: Vec::new(),
    }
}

fn pass(server: &Http, request: &Incoming) -> Outgoing {
    let headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .filter(|(name, _)| !OF_CONNECTION.contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    match server.try_send(&request.method, &request.path, &headers, &request.body) {
        Ok(reply) => {
            let kept = reply
                .headers
                .into_iter()
                .filter(|(name, _)| !OF_CONNECTION.contains(&name.as_str()));
            Outgoing {
                status: reply.status,
                headers: kept.collect(),
                body: reply.body,
            }
        }
        Err(_) => Outgoing {
            status: 502,
            ..Outgoing::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::clients::WebhookReceiver;

    #[test]
    fn the_first_posts_fail_and_those_that_are_lost_have_arrived() {
        let receiver = WebhookReceiver::start(&[]);
        let gate = Gate::start(receiver.url().trim_end_matches("/webhook"), 1, 1);
        let client = Http::new(&gate.url());
        let statuses: Vec<u16> = (0..3)
            .map(|number| client.post("/v1/track", &json!({ "n": number })).status)
            .collect();
        assert_eq!(statuses, [503, 503, 200]);
        assert_eq!(gate.statuses(), statuses);
        let arrived: Vec<Vec<u8>> = (0..2).map(|_| receiver.next().request.body).collect();
        assert_eq!(arrived, [b"{\"n\":1}".to_vec(), b"{\"n\":2}".to_vec()]);
    }
    #[test]
    fn what_is_held_reaches_the_server_when_the_way_is_open() {
        let receiver = WebhookReceiver::start(&[]);
        let gate = Gate::start(receiver.url().trim_end_matches("/webhook"), 0, 0);
        let client = Http::new(&gate.url());
        gate.set(Way::Refused);
        assert_eq!(client.post("/v1/track", &json!({})).status, 503);
        gate.set(Way::Held);
        let waiting = std::thread::spawn(move || client.post("/v1/track", &json!({})).status);
        gate.wait_for_held(1);
        assert_eq!(gate.statuses(), [503]);
        gate.set(Way::Open);
        assert_eq!(waiting.join().expect("an answer"), 200);
        let posts = gate.wait_for(|posts| posts.len() == 2);
        assert_eq!(posts[1].body, b"{}");
    }
}
