// The options of a receiver. They are read in receiving/settings.ts.

import type { DedupeKey, DedupeStore } from '../stores/contract.ts'
import type { CheckOptions } from './pipeline/checks.ts'
import type { OutcomeReport } from './receiving/outcome.ts'
import type { RunInTransaction } from './receiving/receiver-contract.ts'
import type { DedupeBy } from './schemes/scheme.ts'
import type { WebhookSecrets } from './secrets.ts'
import type { VerifiedDelivery } from './verified-delivery.ts'

/** Options of a receiver. It has either `secrets` or `tenant`. */
export interface WebhookReceiverOptions extends CheckOptions {
  /** The secrets of the one sender, or a function that fetches them for each request. Required unless there is a `tenant`. */
  readonly secrets?: SecretSource | undefined
  /**
   * Finds the tenant that a request is for, and so its secrets and namespace, if many tenants share an endpoint. Called only once the headers
   * and the timestamp are in order; must answer within `storeTimeoutSeconds`. Whatever one tenant signs, it cannot pass for another tenant's
   * delivery, conflict with it or delay it.
   */
  readonly tenant?: FindTenant | undefined
  /**
   * The address as the sender knows it, for schemes that sign the URL: an origin, such as `https://api.example.com`, which replaces the
   * request's own, or a whole URL if a proxy rewrites the path. By default the Host header and https.
   */
  readonly publicUrl?: string | undefined
  /** Where deliveries are remembered; by default a memory store of this receiver's, which forgets them when the process ends. */
  readonly dedupe?: DedupeStore | undefined
  /** Keeps this endpoint's deliveries apart from those of others in the same store: non-empty text, by default the scheme's name. */
  readonly namespace?: string | undefined
  /** What makes two deliveries the same; by default what the scheme says. docs/identity.md explains the choice. */
  readonly dedupeBy?: DedupeBy | undefined
  /** Returns what a delivery is known by, in place of `dedupeBy`; none by default. Use the verified body, not the headers. */
  readonly dedupeKey?: ((delivery: VerifiedDelivery) => DedupeKeyResult) | undefined
  /**
   * How long a worker that died blocks its delivery, in seconds: 0.001 to 86,400, and at least `storeTimeoutSeconds`; 60 by default. The lease
   * is renewed after every third of it while the handler runs.
   */
  readonly leaseSeconds?: number | undefined
  /**
   * How long a handled delivery is remembered, in seconds: from twice `toleranceSeconds` to 1e11, or `'forever'`. By default 4 days, or 30 if
   * the scheme does not sign the timestamp.
   */
  readonly retentionSeconds?: number | 'forever' | undefined
  /** The HTTP status that answers a duplicate: 200 by default, or 409 if the sender should know. */
  readonly duplicateStatus?: 200 | 409 | undefined
  /** How many deliveries to handle at a time, at least 1; no limit by default. Further ones are answered 429 with Retry-After. */
  readonly maxConcurrent?: number | undefined
  /**
   * What to do with a delivery while the store fails or hangs. `'refuse'`, the default, answers `store_unavailable` (503), and the sender comes
   * back. `'accept'` handles it without a claim and reports the problem `unclaimed`: nothing is lost while the store is down, but a delivery
   * that is sent again is handled again.
   */
  readonly onStoreFailure?: 'refuse' | 'accept' | undefined
  /**
   * How long one call of the store, of `tenant` or of `secrets` may take, in seconds: 0.001 to 3,600; 5 by default. A call that takes longer
   * has failed.
   */
  readonly storeTimeoutSeconds?: number | undefined
  /**
   * How many bytes all bodies that are being read may take up together, at least `maxBodyBytes`; by default 64 MiB, or `maxBodyBytes` if that
   * is more. Further requests are answered 429 with Retry-After.
   */
  readonly maxBufferedBytes?: number | undefined
  /**
   * Whether to accept bodies that were signed before they were compressed: gzip, deflate and br are inflated, up to `maxBodyBytes`. By default
   * false: any Content-Encoding is refused.
   */
  readonly inflate?: boolean | undefined
  /**
   * Handles each genuine delivery in a transaction; none by default. The function opens the transaction, calls `run` with the store in it,
   * awaits the result, and ends the transaction. The sender is answered only then. If the function rejects, the answer is
   * `store_unavailable` (503), and the delivery may be sent again.
   */
  readonly transaction?: ((run: RunInTransaction) => unknown) | undefined
  /**
   * Called with every outcome, for logs and metrics; anything it throws is ignored. Without it, problems that the application must fix are
   * logged, once a minute for each cause. `false` turns that off.
   */
  readonly onOutcome?: ((report: OutcomeReport) => void) | false | undefined
}

/** Secrets, or a function that fetches them for each request: from a vault, say, or from an environment that is set only later. */
export type SecretSource = WebhookSecrets | (() => FoundSecrets | Promise<FoundSecrets>)

/** What such a function finds. If it finds nothing, the delivery is refused as `missing_secret`, never let through. */
export type FoundSecrets = WebhookSecrets | null

/** Finds the tenant of a request. If there is none, the delivery is refused as `missing_secret`. */
export type FindTenant = (request: TenantRequest) => Tenant | null | undefined | Promise<Tenant | null | undefined>

/** The request that a tenant is found for. Nothing in it is authenticated. */
export interface TenantRequest {
  /** All headers by lower-case name, frozen. */
  readonly headers: Readonly<Record<string, string>>
  readonly method: string | undefined
  /** As the host gives it: path and query in Node, absolute in Fetch. */
  readonly url: string | undefined
}

/** One of the tenants that share an endpoint. */
export interface Tenant {
  /** Keeps this tenant's deliveries apart from all others. Use an id that you assign, not a name that tenants choose. */
  readonly namespace: string
  /** The secrets of this tenant's sender. */
  readonly secrets: FoundSecrets
}

/** What `dedupeKey` may return: the text that makes two deliveries the same, or whole keys. */
export type DedupeKeyResult = string | DedupeKey | readonly DedupeKey[]
