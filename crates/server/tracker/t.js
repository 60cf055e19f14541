// Bellwether's tracker, as it is read. What `/t.js` serves is this file, minified by `cargo xtask docs` into `t.min.js`;
// tests hold the two together, and what is served below 3 KB. What it does stands in docs/guides/tracker.md.
//
// It speaks Segment's wire form to the server that it was loaded from: batches as `text/plain`, with the write key in the
// body, so that no browser asks for permission first. Every event is kept under a key of its own (in local storage where
// that is allowed, else in memory) until the server has answered for it; the server counts each `messageId` once.
//
// It leaves one global, `bellwether`, and never throws into the page. It is written for browsers from 2018 on, so without
// `?.` and `??`: the minifier makes it smaller, not older. It says `let` throughout, as one word packs better than two.
(() => {
  let VERSION = '0.1.0';
  // What may wait to be sent, and what one request may hold. Browsers let 64 KB leave with a page that ends, and a
  // character has at most three bytes.
  let QUEUE_EVENTS_MAX = 200;
  let QUEUE_CHARS_MAX = 2e5;
  let EVENT_CHARS_MAX = 15e3;
  let BATCH_CHARS_MAX = 2e4;
  // The server remembers ids for seven days. What is older could be counted twice, so it is not sent again.
  let EVENT_AGE_MS_MAX = 6 * 864e5;
  let GATHER_MS = 100;
  let ANSWER_MS_MAX = 3e4;
  let RETRY_S_MAX = 3600;
  // Nobody who has not moved for so long is reading.
  let IDLE_MS = 3e4;
  let TICK_MS = 1e3;

  let EVENT_PREFIX = 'bw.e.';
  let CONSENT = 'bw.consent';

  let script = document.currentScript || document.querySelector('script[data-key]');
  let bellwether = (window.bellwether = window.bellwether || []);
  // A page that holds the snippet twice is counted once.
  if (!script || bellwether.anonymousId) return;

  // Options are attributes of the script, or parameters of its address for tag managers that drop attributes.
  let parameters = new URL(script.src).searchParams;
  let option = (name) => script.getAttribute('data-' + name) || parameters.get(name);
  let endpoint = new URL('v1/batch', script.src).href;
  let storeless = option('cookie') == 'none';
  let isConsentRequired = option('consent') == 'required';
  let debug = option('debug') ? console.log : () => {};

  let safely = (work) =>
    function () {
      try {
        return work.apply(this, arguments);
      } catch (error) {
        debug(error);
      }
    };
  // The window sees every event before anything in the page can stop it.
  let on = (names, work) => names.split(' ').forEach((name) => addEventListener(name, safely(work), true));

  // ---- What is kept ----------------------------------------------------------------------------------------------------

  let disk = safely(() => !storeless && localStorage)() || {};
  let box = disk;
  let put = (key, value) => {
    try {
      box[key] = value;
    } catch (error) {
      // Storage is full: until the next page, memory stands in for it, but not for what other tabs say about consent.
      box = Object.assign({}, box, { [CONSENT]: null, [key]: value });
    }
  };
  let remove = (key) => delete box[key];
  // Keys hold the time first, so that their order is that of the events.
  let keys = () =>
    Object.keys(box)
      .filter((key) => !key.indexOf(EVENT_PREFIX))
      .sort();

  let readCookie = safely(() => (document.cookie.match(/\bbw_id=([\w-]+)/) || [])[1]);
  let writeCookie = safely((value, days) => {
    let domain = option('cookie-domain');
    document.cookie =
      'bw_id=' + value + '; Path=/; SameSite=Lax; Max-Age=' + days * 86400 +
      (domain ? '; Domain=' + domain : '') + (location.protocol == 'https:' ? '; Secure' : '');
  });

  let now = () => new Date().toISOString();
  let newId = () =>
    crypto.randomUUID
      ? crypto.randomUUID()
      : Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte + 256).toString(16).slice(1)).join('');

  // ---- Whether anything may be kept or sent ----------------------------------------------------------------------------

  let ON = 1;
  let WAITING = 0;
  let OFF = -1;
  let isObjected = () => navigator.globalPrivacyControl || navigator.doNotTrack == 1;
  let state = isConsentRequired ? WAITING : ON;
  // What happened before consent, held in memory only.
  let waiting = [];

  // It is asked each time: somebody may refuse in another tab, or while this page waits to be shown again.
  let review = () => {
    let consent = disk[CONSENT] || box[CONSENT];
    let before = state;
    if (isObjected() || consent == 0 || (isConsentRequired && !consent && state == ON)) state = OFF;
    else if (consent) state = ON;
    if (state == ON) waiting.splice(0).forEach(keep);
    else if (state != before) forget();
    return state;
  };

  // ---- Who it is -------------------------------------------------------------------------------------------------------

  let anonymousId;
  let userId;

  // Each page that sends anything begins the cookie's age anew.
  let become = (id) => {
    if (!storeless) writeCookie(id, option('cookie-days') || 180);
    return (anonymousId = id);
  };
  let identity = () => anonymousId || become((!storeless && readCookie()) || newId());

  let reset = () => {
    userId = '';
    if (review() == ON) become(newId());
  };

  let forget = () => {
    box = disk;
    waiting = [];
    keys().forEach(remove);
    // That somebody refused is the one thing to know of them.
    if (box[CONSENT] != 0) remove(CONSENT);
    if (readCookie()) writeCookie('', 0);
    anonymousId = userId = '';
  };

  // ---- The page --------------------------------------------------------------------------------------------------------

  // Queries are left out of addresses: they hold tokens and other people's addresses. What campaigns put there is kept.
  let bare = (url) => url.split(/[?#]/)[0];
  let path = () =>
    option('hash') ? (location.pathname + location.hash.slice(1)).replace('//', '/') : location.pathname;

  let campaign;
  let view;
  let look = () => {
    campaign = {};
    new URLSearchParams(location.search).forEach((value, name) => {
      if (value && !name.indexOf('utm_')) campaign[name == 'utm_campaign' ? 'name' : name.slice(4)] = value;
    });
    view = {
      path: path(),
      url: location.origin + path(),
      title: document.title,
      referrer: view ? view.url : bare(document.referrer),
    };
  };

  // ---- Events ----------------------------------------------------------------------------------------------------------

  // The keys that this page wrote.
  let own = [];
  // Events that were let go and can't have arrived; the next event that has properties says how many.
  let dropped = 0;

  let keep = (event) => {
    event.anonymousId = identity();
    makeRoom();
    if (event.properties && dropped) {
      event.properties.dropped_events = dropped;
      dropped = 0;
    }
    debug(event);
    let text = JSON.stringify(event);
    if (text.length > EVENT_CHARS_MAX) return void dropped++;
    let key = EVENT_PREFIX + event.originalTimestamp + event.messageId;
    // The first character says whether it was ever sent.
    put(key, 0 + text);
    own = own.concat(key).slice(-QUEUE_EVENTS_MAX);
    plan(GATHER_MS);
    return key;
  };

  // From the newest back: what is too old or too much is let go, and counted where it can't have arrived.
  let makeRoom = () => {
    let oldest = EVENT_PREFIX + new Date(Date.now() - EVENT_AGE_MS_MAX).toISOString();
    let chars = 0;
    keys().reverse().forEach((key, newer) => {
      let text = box[key];
      chars += text.length;
      if (newer > QUEUE_EVENTS_MAX - 2 || chars > QUEUE_CHARS_MAX || key < oldest) {
        if (text[0] == 0) dropped++;
        remove(key);
      }
    });
  };

  let add = (type, fields) => {
    if (review() == OFF) return;
    let event = Object.assign(
      {
        type,
        messageId: newId(),
        originalTimestamp: now(),
        userId,
        context: { page: view, campaign },
      },
      fields,
    );
    if (state == ON) return keep(event);
    // The first ones say where somebody came from.
    if (waiting.length < QUEUE_EVENTS_MAX) waiting.push(event);
    else dropped++;
  };

  let track = (event, properties) => add('track', { event, properties: Object.assign({}, properties) });

  let identify = (user, traits) => {
    if (user && typeof user == 'object') {
      traits = user;
      user = 0;
    }
    if (user) {
      // Somebody else on the same device begins as somebody else.
      if (userId && userId != user) reset();
      userId = '' + user;
    }
    add('identify', { traits });
  };

  let page = (name, properties) => {
    leaveView();
    if (path() != view.path) look();
    add('page', { name, properties: Object.assign({}, view, properties) });
  };

  // ---- Sending ---------------------------------------------------------------------------------------------------------

  let timer = 0;
  let failures = 0;
  // Events whose answer is awaited, or that left with the page.
  let sent = {};

  let plan = (ms) => {
    timer =
      timer ||
      setTimeout(
        safely(() => {
          timer = 0;
          flush();
        }),
        ms,
      );
  };

  let replan = () => {
    clearTimeout(timer);
    timer = 0;
    plan(0);
  };

  // One tab sends at a time: the next one to have its turn sees what is left. Over plain HTTP there are no locks, and
  // the server drops what comes twice.
  let flush = () => {
    let locks = !storeless && navigator.locks;
    return locks ? locks.request('bellwether', deliver).catch(deliver) : deliver();
  };

  let take = (list) => {
    let chars = 0;
    return list.filter(
      (key) => key != draft && !sent[key] && box[key] && (chars += box[key].length) <= BATCH_CHARS_MAX,
    );
  };

  let envelope = (batch) =>
    '{"writeKey":' + JSON.stringify(option('key')) + ',"sentAt":"' + now() +
    '","context":{"library":{"name":"bellwether.js","version":"' + VERSION + '"}},"batch":[' +
    batch.map((key) => {
      let text = box[key].slice(1);
      sent[key] = 1;
      put(key, 1 + text);
      return text;
    }) + ']}';

  let deliver = safely(() => {
    let batch = take(keys());
    if (review() != ON || !batch[0]) return;
    let again = (seconds) => {
      sent = {};
      plan(Math.min(seconds || 2 ** failures, RETRY_S_MAX) * (1e3 + Math.random() * 500));
      failures++;
    };
    return fetch(endpoint, {
      method: 'POST',
      body: envelope(batch),
      keepalive: true,
      signal: AbortSignal.timeout && AbortSignal.timeout(ANSWER_MS_MAX),
    }).then(
      (answer) => {
        if (answer.status == 429 || answer.status > 499) return again(+answer.headers.get('Retry-After'));
        if (!answer.ok) {
          console.warn('bellwether', answer.status);
          dropped += batch.length;
        }
        failures = 0;
        batch.forEach(remove);
        plan(0);
      },
      () => again(),
    );
  });

  // What a page that ends has not sent goes with it, and stays kept until a page hears that it has arrived.
  let sendLast = () => {
    let batch = take(own);
    if (review() == ON && batch[0] && (storeless || !failures)) navigator.sendBeacon(endpoint, envelope(batch));
  };

  // ---- Engagement: how far they scrolled, and how long they were there and awake ----------------------------------------

  let isMeasured;
  let seconds = 0;
  let scrolled = 0;
  let activeAt = Date.now();
  // The event of a page that is out of sight: it isn't sent while the page may come back, unless nothing may be kept.
  let draft;

  let measure = () => {
    isMeasured = isMeasured || option('engagement') || document.querySelector('[data-bw-engagement]');
    let height = document.documentElement.scrollHeight;
    scrolled = Math.max(scrolled, Math.min(100, Math.round(((pageYOffset + innerHeight) / height) * 100)));
  };

  let addEngagement = () => {
    if (!isMeasured || !seconds || draft) return;
    draft = track('Page Engaged', {
      path: view.path,
      engaged_seconds: seconds,
      scroll_percent: scrolled,
    });
    if (storeless || !draft) draft = seconds = 0;
  };

  let leaveView = () => {
    addEngagement();
    isMeasured = draft = seconds = scrolled = 0;
  };

  // ---- Marks -----------------------------------------------------------------------------------------------------------

  // `data-bw-prop-kind="ebook"` is the property `kind`.
  let marked = (element) => {
    let properties = {};
    for (let { name, value } of element.attributes) {
      if (!name.indexOf('data-bw-prop-')) properties[name.slice(13)] = value;
    }
    return properties;
  };

  // As many digits as a card's number has, and no `+` or `0` before them as telephone numbers have.
  let CARD = /^\s*[1-9](\W?\d){13,18}\s*$/;
  let PRIVATE =
    /^(file|submit|button|reset|image)|passw|one-time|card|secret|token|(\b|_)(cc|csc|cvc|cvv|iban|otp|pin|ssn)(\b|_)/i;
  let isPrivate = (field) =>
    PRIVATE.test([field.type, field.name, field.id, field.autocomplete].join(' ')) ||
    (field.type == 'hidden' && !field.getAttribute('data-bw-field')) ||
    field.closest('[data-bw-ignore]') ||
    CARD.test(field.value);

  let submitted = (form) => {
    let name = form.getAttribute('data-bw-form');
    if (!name) return;
    let properties = marked(form);
    let traits = {};
    for (let field of form.elements) {
      let key = field.getAttribute('data-bw-field') || field.name;
      let value = (field.value || '').trim();
      if (!key || !value || field.disabled || (/^(radio|checkbox)$/.test(field.type) && !field.checked)) continue;
      if (isPrivate(field)) continue;
      properties[key] = key in properties ? [].concat(properties[key], value) : value;
      // What somebody writes freely says what they want, not who they are.
      if (field.type != 'textarea') traits[key] = properties[key];
      if ((field.type == 'email' || /e-?mail/i.test(key)) && /@/.test(value)) traits.email = value;
    }
    if (traits.email) identify(traits);
    track(name, properties);
  };

  let clicked = (event) => {
    let link = event.target.closest('[data-bw-event]');
    if (!link || event.button > 1) return;
    let properties = marked(link);
    if (link.href) properties.href = bare(link.href);
    track(link.getAttribute('data-bw-event'), properties);
  };

  // ---- Beginning -------------------------------------------------------------------------------------------------------

  let calls = {
    track,
    identify,
    page,
    group: (groupId, traits) => add('group', { groupId, traits }),
    reset,
    anonymousId: () => (review() == ON ? identity() : undefined),
    consent: (isGiven) => {
      if (isObjected()) return;
      if (isGiven) {
        put(CONSENT, 1);
        review();
      } else {
        forget();
        state = OFF;
        // Where nobody asks first, a refusal is remembered; where consent is asked for, its absence is enough.
        if (!isConsentRequired) put(CONSENT, 0);
      }
    },
  };

  let begin = safely(() => {
    let isManual = option('pages') == 'manual';
    review();
    look();
    let call = ([name, given]) => calls[name].apply(0, given);
    let early = bellwether.splice ? bellwether.splice(0) : [];
    Object.keys(calls).forEach((name) => (bellwether[name] = safely(calls[name])));
    bellwether.push = safely(call);
    early.forEach(bellwether.push);

    on('submit', (event) => submitted(event.target));
    on('click auxclick', clicked);
    on('scroll keydown pointermove', () => (activeAt = Date.now()));
    on('visibilitychange', () => {
      if (document.hidden) {
        addEngagement();
        if (!failures) flush();
        return;
      }
      // What was sent meanwhile, by another tab, is said; what comes now is the rest.
      if (!draft) return;
      if (!box[draft]) seconds = 0;
      remove(draft);
      draft = 0;
    });
    on('pagehide', () => {
      leaveView();
      sendLast();
    });
    on('online', replan);
    on('storage', review);
    on('pageshow', (event) => {
      if (!event.persisted) return;
      sent = {};
      replan();
      if (!isManual) page();
    });
    setInterval(
      safely(() => {
        if (document.hidden) return;
        measure();
        if (Date.now() - activeAt < IDLE_MS) seconds++;
      }),
      TICK_MS,
    );

    if (!isManual) {
      let moved = safely(() => path() != view.path && page());
      ['pushState', 'replaceState'].forEach((name) => {
        let original = history[name];
        history[name] = function () {
          let answer = original.apply(this, arguments);
          // Routers change the address first and the title after it.
          setTimeout(moved);
          return answer;
        };
      });
      on('popstate', () => setTimeout(moved));
      page();
    }
    // What an earlier page left is sent now.
    plan(GATHER_MS);
  });

  // A page that is prepared before anybody asked for it hasn't been visited.
  if (document.prerendering) on('prerenderingchange', begin);
  else begin();
})();
