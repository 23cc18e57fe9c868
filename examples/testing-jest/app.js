// An Express application in CommonJS that counts events by kind.

const express = require('express')
const { expressWebhook } = require('@fluxora/verify/express')
const { github } = require('@fluxora/verify/schemes')

/** @param {{ secret: string }} options */
function createApp({ secret }) {
  /** @type {Map<string, number>} */
  const counts = new Map()
  const app = express()
  app.post('/github', expressWebhook({ scheme: github, secrets: secret }), (request, response) => {
    const event = request.webhook.event ?? 'none'
    counts.set(event, (counts.get(event) ?? 0) + 1)
    response.json({ ok: true })
  })
  return { app, counts }
}

module.exports = { createApp }
