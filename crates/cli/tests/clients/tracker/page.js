// What a company's own script does before the tracker is there: it sets up the queue, as the snippet does, and for some
// paths it changes what the browser says.

(function (b) {
  if (!b.track) 'track identify page group reset consent'.split(' ').forEach(function (name) {
    b[name] = function () { b.push([name, arguments]) }
  })
})(window.bellwether = window.bellwether || [])

const under = (path) => location.pathname.startsWith(path)

if (under('/objecting')) Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })

if (under('/early')) bellwether.track('Called Early', { sooner: true })

if (under('/broken')) {
  // As where the site's data are blocked.
  for (const [holder, name] of [[window, 'localStorage'], [Document.prototype, 'cookie']]) {
    Object.defineProperty(holder, name, { get() { throw new Error(name + ' is blocked') }, set() { throw new Error(name + ' is blocked') } })
  }
}

// A minute is a second here.
if (under('/long')) {
  const real = window.setInterval
  window.ticks = 0
  window.setInterval = (work, ms) => real(() => { work(); window.ticks++ }, ms / 60)
  document.addEventListener('DOMContentLoaded', () => document.querySelector('.long').append(...Array.from({ length: 300 }, () => document.createElement('hr'))))
}

window.failures = []
window.addEventListener('error', (event) => window.failures.push(String(event.message)))
window.addEventListener('unhandledrejection', (event) => window.failures.push(String(event.reason)))
document.addEventListener('securitypolicyviolation', (event) => window.failures.push(event.violatedDirective))
