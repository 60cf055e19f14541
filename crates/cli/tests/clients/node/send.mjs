// Segment's own client for Node.js, unmodified, sends one person's story. Prints each request and answer as a line, so that
// the test can follow; fails when an event was given up.
//
// node send.mjs URL WRITE_KEY

import { Analytics } from '@segment/analytics-node'

const [host, writeKey] = process.argv.slice(2)
const analytics = new Analytics({ host, writeKey, flushAt: 4, flushInterval: 50 })

let failed = false
analytics.on('http_request', () => console.log('request'))
analytics.on('http_response', (response) => console.log(`answer ${response.status}`))
analytics.on('error', (error) => {
  failed = true
  console.error('given up:', error)
})

const anonymousId = 'node-anonymous'
const userId = 'node-user'

analytics.page({ anonymousId, name: 'Pricing', properties: { path: '/pricing', url: 'https://www.acme.example/pricing' } })
analytics.screen({ anonymousId, name: 'Start', properties: { tab: 'plans' } })
analytics.identify({
  anonymousId,
  userId,
  traits: { email: 'Nora.Node@Acme.Example', title: 'Director of Marketing', employees: 250, company: { name: 'Acme' } },
})
analytics.group({ userId, groupId: 'acme', traits: { name: 'Acme', employees: 250 } })
analytics.track({ userId, event: 'Asset Downloaded', properties: { kind: 'case study' }, messageId: 'node-download' })
// The same message again, first in the same batch or the next, then surely in another.
analytics.track({ userId, event: 'Asset Downloaded', properties: { kind: 'case study' }, messageId: 'node-download' })
await analytics.flush()
analytics.track({ userId, event: 'Asset Downloaded', properties: { kind: 'case study' }, messageId: 'node-download' })
analytics.alias({ userId: 'node-user-renamed', previousId: userId })
analytics.track({ userId: 'node-user-renamed', event: 'Demo Requested', timestamp: new Date() })
await analytics.closeAndFlush()

console.log('done')
process.exitCode = failed ? 1 : 0
