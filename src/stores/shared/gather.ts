// Asking once for what many ask for in the same moment: under load, a server is asked as often as its answers arrive, not as often as
// there are questions.

/** At most this many at once: what asks for more is asked in turns, so that nobody else waits long for a server that takes one at a time. */
const MOST = 128

/** Gathers what is asked for in one turn of the microtask queue. `ask` answers each item in its place, or fails for all of them. */
export function gather<Item, Answer>(
  ask: (items: readonly Item[]) => Promise<readonly (Answer | Promise<Answer>)[]>,
): (item: Item) => Promise<Answer> {
  interface Asked {
    readonly item: Item
    readonly resolve: (answer: Answer | Promise<Answer>) => void
    readonly reject: (error: unknown) => void
  }
  let waiting: Asked[] = []

  async function askFor(asked: readonly Asked[]): Promise<void> {
    try {
      const answers = await ask(asked.map(({ item }) => item))
      asked.forEach(({ resolve }, i) => {
        resolve(answers[i] as Answer | Promise<Answer>)
      })
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }

  function askForAll(): void {
    const asked = waiting
    waiting = []
    for (let from = 0; from < asked.length; from += MOST) void askFor(asked.slice(from, from + MOST))
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ item, resolve, reject }) === 1) queueMicrotask(askForAll)
    })
}
