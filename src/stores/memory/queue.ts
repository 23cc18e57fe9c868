// Members in the order in which they end, each given up at once from wherever it stands. A Set would do, but for what iterating it costs:
// engines leave a hole where a member was, and to find the oldest member of a set from whose front a hundred thousand were deleted they
// walk over every hole. A heap would do, but for what it costs to take its first: here that costs nothing.

/** What lanes link together; a member is in one lane at a time. */
export interface Queued<Member> {
  /** When it ends. To change it, enqueue the member anew. */
  until: number
  lane: Lane<Member> | undefined
  before: Member | undefined
  after: Member | undefined
  /** Its place in the order in which members came. */
  turn: number
}

/** A queue in which nobody ends before those who stand in front. */
export interface Lane<Member> {
  readonly of: Lanes<Member>
  first: Member | undefined
  last: Member | undefined
}

/**
 * As many queues as it takes: members that last equally long end in the order in which they come, so each length of time fills a lane of
 * its own, and what lasts for ever stands in nobody's way.
 */
export interface Lanes<Member> {
  readonly lanes: Lane<Member>[]
  size: number
}

/** Of more lengths of time than this, some share a lane, where each is put into its place. */
const MOST_LANES = 16

let turns = 0

export function emptyLanes<Member>(): Lanes<Member> {
  return { lanes: [], size: 0 }
}

/** Puts it where it belongs, whichever lane it was in before, as the one who came last. */
export function enqueue<Member extends Queued<Member>>(lanes: Lanes<Member>, member: Member): void {
  dequeue(member)
  const fits = ({ last }: Lane<Member>): boolean => !last || last.until <= member.until
  const lane = lanes.lanes.find(fits) ?? (lanes.lanes.length < MOST_LANES ? newLane(lanes) : lanes.lanes.at(-1)!)
  let before = lane.last
  while (before && before.until > member.until) before = before.before
  const after = before ? before.after : lane.first
  member.lane = lane
  member.turn = ++turns
  member.before = before
  member.after = after
  if (before) before.after = member
  else lane.first = member
  if (after) after.before = member
  else lane.last = member
  lanes.size++
}

function newLane<Member>(of: Lanes<Member>): Lane<Member> {
  const lane: Lane<Member> = { of, first: undefined, last: undefined }
  of.lanes.push(lane)
  return lane
}

/** Takes it out of the lane that it is in, if it is in one. */
export function dequeue<Member extends Queued<Member>>(member: Member): void {
  const { lane, before, after } = member
  if (!lane) return
  if (before) before.after = after
  else lane.first = after
  if (after) after.before = before
  else lane.last = before
  lane.of.size--
  member.lane = member.before = member.after = undefined
}

/** One that has ended, if any has. */
export function findEnded<Member extends Queued<Member>>({ lanes }: Lanes<Member>, now: number): Member | undefined {
  for (const { first } of lanes) if (first && first.until <= now) return first
  return undefined
}

/** The one that came first of those who stand first in their lanes, and end before `limit`. */
export function findOldest<Member extends Queued<Member>>(
  { lanes }: Lanes<Member>,
  limit: number = Number.POSITIVE_INFINITY,
): Member | undefined {
  let oldest: Member | undefined
  for (const { first } of lanes) {
    if (first && first.until <= limit && !(oldest && oldest.turn < first.turn)) oldest = first
  }
  return oldest
}
