process.env.ENDPOINT_SECRET = 'topsecret'
//// block

if (attempt.outcome === 'delivered') throw new Error('there is no network here')
await sender.close()
