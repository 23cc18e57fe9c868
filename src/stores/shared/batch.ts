// Batches calls that are made at the same moment: under load a server gets a few large requests instead of many small ones.

/** Larger batches are split, so that nobody else waits long for a server that handles one request at a time. */
const MAX_BATCH_SIZE = 128

/** Answers each item in its place. An answer may itself be a promise, which then settles its own call only. */
type HandleBatch<Item, Answer> = (items: readonly Item[]) => Promise<readonly (Answer | Promise<Answer>)[]>

interface PendingCall<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer | Promise<Answer>) => void
  readonly reject: (error: unknown) => void
}

/**
 * Collects the calls made in one turn of the microtask queue, and passes their items to `handleBatch` together. If that fails, all of the
 * calls fail.
 */
export function batchCalls<Item, Answer>(handleBatch: HandleBatch<Item, Answer>): (item: Item) => Promise<Answer> {
  let pending: PendingCall<Item, Answer>[] = []

  function flush(): void {
    const calls = pending
    pending = []
    for (let start = 0; start < calls.length; start += MAX_BATCH_SIZE) {
      void answerCalls(calls.slice(start, start + MAX_BATCH_SIZE), handleBatch)
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      pending.push({ item, resolve, reject })
      if (pending.length === 1) queueMicrotask(flush)
    })
}

async function answerCalls<Item, Answer>(
  calls: readonly PendingCall<Item, Answer>[],
  handleBatch: HandleBatch<Item, Answer>,
): Promise<void> {
  try {
    const answers = await handleBatch(calls.map(({ item }) => item))
    for (const [at, call] of calls.entries()) call.resolve(answers[at] as Answer | Promise<Answer>)
  } catch (error) {
    for (const call of calls) call.reject(error)
  }
}
