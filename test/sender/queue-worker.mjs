// A worker process of a recipe. Arguments: the module, which works as soon as it is imported. Enqueues as the parent process asks.

const { enqueue } = await import(new URL(`file://${process.argv[2]}`))

process.on('message', async ([endpointId, deliveryId, body]) => {
  try {
    await enqueue(endpointId, deliveryId, body)
    process.send({ enqueued: deliveryId })
  } catch (error) {
    process.send({ error: String(error) })
  }
})
process.on('disconnect', () => process.exit())
process.send({ ready: true })
