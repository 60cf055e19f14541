// A page as a company would write it: Segment's browser library from npm, pointed at the server.

const { server, writeKey } = window.settings

const analytics = window.AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL: server })

function count(id) {
  const output = document.getElementById(id)
  output.value = Number(output.value) + 1
}

// Each call's promise is settled when its request has been answered.
async function deliver(call) {
  try {
    const context = await call
    count(context.failedDelivery?.() ? 'failed' : 'delivered')
  } catch (error) {
    console.error(error)
    count('failed')
  }
}

deliver(analytics.page())

document.getElementById('sign-up').addEventListener('submit', (submitted) => {
  submitted.preventDefault()
  const email = document.getElementById('email').value
  const title = document.getElementById('title').value
  deliver(analytics.identify(email, { email, title, employees: 250 }))
  deliver(analytics.track('Asset Downloaded', { kind: 'case study' }))
})

document.getElementById('demo').addEventListener('click', () => {
  deliver(analytics.track('Demo Requested'))
})
