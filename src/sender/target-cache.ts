// The URLs that a guard has vetted. What it says of a URL's text never changes; names are looked up at each connection all the same.

import type { AddressGuard, RefusedAddress, VettedUrl } from './address/guard.ts'

/** More endpoints than this take turns. */
const MOST = 1_000

/** Vets a URL once. A refusal is not kept. */
export function targetCache(guard: AddressGuard): (url: string) => VettedUrl | RefusedAddress {
  const targets = new Map<string, VettedUrl>()
  return (url) => {
    const known = targets.get(url)
    if (known) return known
    const target = guard.checkUrl(url)
    if (!target.ok) return target
    if (targets.size >= MOST) targets.clear()
    targets.set(url, target)
    return target
  }
}
