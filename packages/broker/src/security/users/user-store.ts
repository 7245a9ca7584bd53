import type { ScramMechanism } from '@rivven/protocol'
import type { Clock, Random } from '@rivven/runtime'
import { ChangeQueue } from '../../change-queue.js'
import type { Documents } from '../../storage/own-storage.js'
import { type ChangeResult, changed, refused } from '../change-result.js'
import { randomBytesOf } from '../random-bytes.js'
import { Decoys } from './decoys.js'
import type { CredentialFound, ScramCredentials } from './scram-credential.js'
import { type CredentialChange, planAlterations, type UserAlterations } from './user-alteration.js'
import { readUsers, USER_DOCUMENT, type UserDocument, writeUsers } from './user-document.js'
import { type Credentials, strongest, type Users } from './users.js'

export interface UserStoreOptions {
  readonly storage: Documents
  readonly clock: Clock
  readonly random: Random
  /** Default 10,000. */
  readonly maxUsers?: number
}

/** The users of a broker: a change is durable before it counts for new logins, and counts before it is answered. */
export class UserStore implements ScramCredentials {
  readonly #options: Required<UserStoreOptions>
  readonly #secret: Buffer
  readonly #decoys: Decoys
  readonly #changes = new ChangeQueue()
  #users: Users

  private constructor(options: Required<UserStoreOptions>, { secret, users }: UserDocument) {
    this.#options = options
    this.#secret = secret
    this.#users = users
    this.#decoys = new Decoys(secret)
    this.#decoys.follow(users)
  }

  /** @throws StoredDataError when what is stored are no users */
  static async open({ storage, clock, random, maxUsers = 10_000 }: UserStoreOptions): Promise<UserStore> {
    const content = await storage.readDocument(USER_DOCUMENT)
    const document = content ? readUsers(content) : { secret: randomBytesOf(random, 32), users: new Map() }
    return new UserStore({ storage, clock, random, maxUsers }, document)
  }

  get users(): Users {
    return this.#users
  }

  credentialOf(user: string, mechanism: ScramMechanism): CredentialFound {
    // Made in any case: it must not take longer for a user that does not exist.
    const decoy = this.#decoys.credentialOf(user, mechanism)
    const credential = this.#users.get(user)?.get(mechanism)
    return { isKnown: credential !== undefined, credential: credential ?? decoy }
  }

  /** What the password of a user is checked against. */
  passwordCredentialOf(user: string): CredentialFound & { readonly mechanism: ScramMechanism } {
    const decoy = this.#decoys.strongestOf(user)
    const known = strongest(this.#users.get(user) ?? new Map())
    const [mechanism, credential] = known ?? decoy
    return { isKnown: known !== undefined, mechanism, credential }
  }

  /** One result for each user that is named. All that may be done is done with one write. */
  alter(alterations: UserAlterations): Promise<ReadonlyMap<string, ChangeResult>> {
    return this.#changes.run(async () => {
      const { changes, refusals } = await planAlterations(alterations, this.#users, this.#options.clock)
      const results = new Map(refusals)
      const users = new Map(this.#users)
      for (const [name, change] of changes) results.set(name, this.#apply(users, name, change))
      const isAny = [...results.values()].includes(changed)
      if (isAny) await this.#replace(users)
      return results
    })
  }

  /** Resolves when all changes asked for so far are done. */
  settled(): Promise<void> {
    return this.#changes.settled()
  }

  #apply(users: Map<string, Credentials>, name: string, change: CredentialChange): ChangeResult {
    const credentials = new Map(users.get(name))
    if (change.credential === null) credentials.delete(change.mechanism)
    else credentials.set(change.mechanism, change.credential)
    const { maxUsers } = this.#options
    if (!users.has(name) && users.size >= maxUsers)
      return refused('POLICY_VIOLATION', `There are ${maxUsers} users, and there may be no more.`)
    if (credentials.size === 0) users.delete(name)
    else users.set(name, credentials)
    return changed
  }

  async #replace(users: Users): Promise<void> {
    const { storage, clock } = this.#options
    await storage.writeDocument(USER_DOCUMENT, await writeUsers({ secret: this.#secret, users }, clock))
    this.#users = users
    this.#decoys.follow(users)
  }
}
