// A webhook handler and an indexer as people write them by hand, with nothing but node:crypto. PLANTED names the mistake in them; without
// it they are correct.

import { createHmac, timingSafeEqual } from 'node:crypto'

const bug = process.env.PLANTED ?? 'none'
const planted = (name) => bug === name

/** @returns {(request: Request) => Promise<Response>} */
export function createHandler({ secret, now, credit }) {
  return async (request) => {
    const body = Buffer.from(await request.arrayBuffer())
    if (body.length > 262_144 && !planted('any size')) return refuse(413)
    const encoding = request.headers.get('content-encoding')
    if (encoding && !planted('any encoding')) return refuse(415)

    const [id, timestamp, signature] = ['delivery-id', 'timestamp', 'signature'].map((name) => {
      const value = request.headers.get(`x-fluxora-${name}`) ?? ''
      return planted('first of two headers') ? value.split(', ')[0] : value
    })
    if ((!id && !planted('no id')) || !timestamp || !signature) return refuse(401)
    if (id.includes(', ')) return refuse(401)

    const seconds = planted('lenient number') ? Number.parseInt(timestamp, 10) : Number(timestamp)
    if (!/^[1-9]\d{0,15}$/.test(timestamp) && !planted('lenient number')) return refuse(400)
    const age = planted('no look ahead') ? now() - seconds : Math.abs(now() - seconds)
    if (age > 300 && !planted('no age')) return refuse(401)

    const signed = planted('serialised again') ? JSON.stringify(JSON.parse(body)) : body
    const text = planted('as latin1') ? Buffer.from(body.toString('latin1'), 'utf8') : signed
    const hmac = createHmac('sha256', secret).update(planted('body only') ? '' : `${timestamp}.`)
    const expected = hmac.update(text).digest()
    if (planted('compared as far as it goes')) {
      if (!expected.toString('hex').startsWith(signature)) return refuse(401)
    } else if (planted('decoded leniently')) {
      const given = Buffer.from(signature, 'hex').subarray(0, 32)
      if (given.length !== 32 || !timingSafeEqual(given, expected)) return refuse(401)
    } else {
      if (!/^[0-9a-f]{64}$/.test(signature)) return refuse(401)
      if (!timingSafeEqual(Buffer.from(signature, 'hex'), expected)) return refuse(401)
    }

    const { amount } = JSON.parse(body)
    if (amount !== undefined) {
      const units = planted('amount by a double') ? BigInt(Math.round(Number(amount) * 1e7)) : unitsOf(amount)
      if (units === undefined) return refuse(422)
      credit(units)
    }
    return Response.json({ ok: true })
  }
}

function unitsOf(amount) {
  const text = planted('amount trimmed') ? String(amount).trim() : amount
  if (typeof text !== 'string' || text.length > 128) return undefined
  const [, sign, whole, fraction = ''] = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === undefined || /[1-9]/.test(fraction.slice(7))) return undefined
  const units = BigInt(whole + fraction.slice(0, 7).padEnd(7, '0'))
  if (units >= 2n ** 63n * 10n ** 7n) return undefined
  return sign === '-' ? -units : units
}

function refuse(status) {
  return Response.json({ error: 'refused' }, { status })
}

export function createIndexer(rows = []) {
  return {
    take(event) {
      for (const ledger of event.ledgers) {
        const at = rows.findIndex(({ sequence }) => sequence === ledger.sequence)
        const below = rows.findLast(({ sequence }) => sequence < ledger.sequence)
        // A branch whose beginning we have not seen is left alone until we have.
        if (below?.sequence === ledger.sequence - 1 && below.hash !== ledger.parentHash && !planted('links unread'))
          return
        if (at < 0) rows.push(ledger)
        else if (rows[at].hash !== ledger.hash) {
          if (planted('the rest kept')) rows[at] = ledger
          else rows.splice(at, rows.length, ledger)
        }
        if (!planted('late ones last')) rows.sort((one, other) => one.sequence - other.sequence)
      }
    },
    ledgers: () => rows,
  }
}
