// Sends many small calls as a few large ones.

/** With so many groups on their way, what comes meanwhile waits, and then travels as one more group. */
const MOST_GROUPS = 2
/** Larger groups are split, so that one statement never holds many rows for long. */
const MOST_ITEMS = 128

interface Call<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Passes items to `handleGroup` together, as many as have come since the last group. A single call on a quiet log goes out at once. If a group
 * fails, all of its calls fail.
 */
export function inGroups<Item, Answer>(
  handleGroup: (items: readonly Item[]) => Promise<readonly Answer[]>,
): (item: Item) => Promise<Answer> {
  const waiting: Call<Item, Answer>[] = []
  let onTheirWay = 0

  async function sendGroups(): Promise<void> {
    if (onTheirWay >= MOST_GROUPS) return // whoever is on the way takes what waits
    onTheirWay++
    while (waiting.length > 0) await answer(waiting.splice(0, MOST_ITEMS), handleGroup)
    onTheirWay--
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      queueMicrotask(sendGroups) // so that calls of the same moment are one group
    })
}

async function answer<Item, Answer>(
  calls: readonly Call<Item, Answer>[],
  handleGroup: (items: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<void> {
  try {
    const answers = await handleGroup(calls.map(({ item }) => item))
    for (const [place, { resolve }] of calls.entries()) resolve(answers[place] as Answer)
  } catch (error) {
    for (const { reject } of calls) reject(error)
  }
}
