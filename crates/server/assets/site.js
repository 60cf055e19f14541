// Everything on these pages works without this module. It adds four things: keys in the inbox, buttons that copy, due
// times that count down, and regions that are fetched again when the server says that something changed.

const MINUTE_MS = 60_000;
const TICK_MS = 15_000;
const REFRESH_PAUSE_MS = 400;

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// ---- Keys -----------------------------------------------------------------------------------------------------------

const rows = () => all('[data-row]');
const currentRow = () => document.querySelector('[data-row].current');

function select(row) {
  currentRow()?.classList.remove('current');
  if (!row) return;
  row.classList.add('current');
  row.querySelector('[data-open]')?.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
}

function move(by) {
  const list = rows();
  const at = list.indexOf(currentRow());
  select(list[Math.min(Math.max(at < 0 ? 0 : at + by, 0), list.length - 1)]);
}

function openReject(row) {
  const details = (row ?? document).querySelector('[data-reject]');
  if (!details) return;
  details.open = true;
  details.querySelector('select')?.focus();
}

const actions = {
  j: () => move(1),
  k: () => move(-1),
  a: () => (currentRow() ?? (rows().length ? null : document))?.querySelector('[data-accept]')?.click(),
  r: () => openReject(rows().length ? currentRow() : document),
  '?': () => document.querySelector('#keys')?.showModal(),
};

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && event.key === 'a') return;
  const typing = event.target.closest('input, select, textarea, dialog');
  if (event.key === 'Escape') {
    const open = event.target.closest('details[open]');
    if (open) {
      open.open = false;
      open.querySelector('summary')?.focus();
    }
    return;
  }
  if (typing) return;
  if (event.key === 'Enter' && currentRow() && event.target === document.body) {
    currentRow().querySelector('[data-open]')?.click();
    return;
  }
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

document.addEventListener('focusin', (event) => {
  const row = event.target.closest('[data-row]');
  if (row && row !== currentRow()) {
    currentRow()?.classList.remove('current');
    row.classList.add('current');
  }
});

for (const button of all('[data-help]')) {
  button.hidden = false;
  button.addEventListener('click', actions['?']);
}

// A form is sent once, however often its button is pressed.
document.addEventListener('submit', (event) => {
  if (event.target.method !== 'post') return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = 'yes';
});
window.addEventListener('pageshow', () => all('form').forEach((form) => delete form.dataset.sent));

// ---- Copying ----------------------------------------------------------------------------------------------------------

// Over plain HTTP there is no clipboard, but what is selected can be copied by hand.
async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  getSelection().selectAllChildren(source);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Selected';
  }
}

for (const button of all('[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', () => copy(button));
}

// ---- Due times ------------------------------------------------------------------------------------------------------

const plural = (count, unit) => `${count} ${unit}`;

// The same words as the server's.
function span(ms) {
  const minutes = Math.floor(ms / MINUTE_MS);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 120) return plural(minutes, 'min');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? plural(hours, 'h') : plural(Math.floor(hours / 24), 'days');
}

function tick() {
  for (const time of all('time[data-due]')) {
    const left = Date.parse(time.dateTime) - Date.now();
    if (Number.isNaN(left)) continue;
    time.textContent = left >= 0 ? `in ${span(left)}` : `by ${span(-left)}`;
    const row = time.closest('[data-row]');
    if (left < 0 && row && !row.classList.contains('overdue')) {
      row.classList.add('overdue');
      const mark = document.createElement('strong');
      mark.className = 'late';
      mark.textContent = '⚠ Overdue';
      time.before(mark, ' ');
    }
  }
}
setInterval(tick, TICK_MS);

// ---- Live regions ---------------------------------------------------------------------------------------------------

// Somebody who is writing keeps what they see until they are done.
const busy = (region) => region.querySelector('details.reject[open]') || document.querySelector('dialog[open]');

let fetching = false;
let again = false;

async function refresh(region) {
  if (fetching || busy(region)) {
    again = true;
    return;
  }
  fetching = true;
  again = false;
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' }, redirect: 'error' });
    if (response.ok) replace(region, await response.text());
  } catch {
    again = true;
  } finally {
    fetching = false;
  }
}

function replace(region, html) {
  const fresh = new DOMParser().parseFromString(html, 'text/html');
  const next = fresh.querySelector(`[data-region="${region.dataset.region}"]`);
  if (!next || busy(region)) return;
  const current = currentRow()?.id;
  const focused = region.contains(document.activeElement);
  const opened = all('details[open] > summary', region).map((summary) => summary.textContent);
  const summary = region.querySelector('[data-summary]');
  const said = next.querySelector('[data-summary]')?.textContent;
  // The summary stays the same element, so that a screen reader says it when its words change.
  for (const child of [...region.children]) if (child !== summary) child.remove();
  for (const child of [...next.children]) if (!child.matches('[data-summary]') || !summary) region.append(child);
  if (summary && said && summary.textContent !== said) summary.textContent = said;
  for (const details of all('details:not(.reject)', region)) {
    if (opened.includes(details.querySelector('summary')?.textContent)) details.open = true;
  }
  const row = current && document.getElementById(current);
  if (row && focused) select(row);
  else row?.classList.add('current');
  tick();
}

const region = document.querySelector('[data-live]');
if (region && 'EventSource' in window) {
  const follows = [...region.dataset.follows.split(' '), 'all'];
  let timer = 0;
  const source = new EventSource(region.dataset.live);
  source.addEventListener('changed', (event) => {
    if (timer || !event.data.split(' ').some((changed) => follows.includes(changed))) return;
    timer = setTimeout(() => {
      timer = 0;
      refresh(region);
    }, REFRESH_PAUSE_MS);
  });
  // What changed while the line was down is fetched once it is up again.
  let wasDown = false;
  source.addEventListener('error', () => { wasDown = true; });
  source.addEventListener('open', () => {
    if (wasDown) refresh(region);
    wasDown = false;
  });
  document.addEventListener('toggle', () => { if (again) refresh(region); }, true);
  window.addEventListener('pagehide', () => source.close());
}
