import type { ScramMechanism } from '@rivven/protocol'
import type { Clock, Random } from '@rivven/runtime'
import type { Documents, VersionedDocument } from '../../cluster/documents.js'
import { type ChangeResult, changed, refused } from '../change-result.js'
import { KeptDocument } from '../kept-document.js'
import { randomBytesOf } from '../random-bytes.js'
import { Decoys } from './decoys.js'
import type { CredentialFound, ScramCredentials } from './scram-credential.js'
import { type CredentialChange, planAlterations, type UserAlterations } from './user-alteration.js'
import { readUsers, USER_DOCUMENT, type UserDocument, writeUsers } from './user-document.js'
import { type Credentials, strongest, type Users } from './users.js'

export interface UserStoreOptions {
  readonly documents: Documents
  readonly clock: Clock
  readonly random: Random
  /** Default 10,000. */
  readonly maxUsers?: number
  /** Something that an operator should know of. */
  readonly warn?: ((text: string) => void) | undefined
}

/**
 * The users that brokers share: a change is durable before it counts for new logins, and counts before it is answered; what
 * another broker has changed counts when this one has heard of it.
 */
export class UserStore implements ScramCredentials {
  readonly #options: UserStoreOptions
  readonly #maxUsers: number
  readonly #document: KeptDocument
  #known: UserDocument
  #decoys: Decoys

  private constructor(options: UserStoreOptions, present: VersionedDocument | undefined) {
    const { documents, random, maxUsers = 10_000, warn } = options
    this.#options = options
    this.#maxUsers = maxUsers
    // Nobody takes the document away: without one there is nothing to follow.
    const follow = (content?: Buffer) => content && this.#follow(readUsers(content))
    this.#document = new KeptDocument({ documents, name: USER_DOCUMENT, follow, warn }, present)
    this.#known = present ? readUsers(present.content) : { secret: randomBytesOf(random, 32), users: new Map() }
    this.#decoys = new Decoys(this.#known.secret)
    this.#decoys.follow(this.#known.users)
  }

  /** @throws StoredDataError when what is stored are no users */
  static async open(options: UserStoreOptions): Promise<UserStore> {
    return new UserStore(options, await options.documents.read(USER_DOCUMENT))
  }

  get users(): Users {
    return this.#known.users
  }

  credentialOf(user: string, mechanism: ScramMechanism): CredentialFound {
    // Made in any case: it must not take longer for a user that does not exist.
    const decoy = this.#decoys.credentialOf(user, mechanism)
    const credential = this.users.get(user)?.get(mechanism)
    return { isKnown: credential !== undefined, credential: credential ?? decoy }
  }

  /** What the password of a user is checked against. */
  passwordCredentialOf(user: string): CredentialFound & { readonly mechanism: ScramMechanism } {
    const decoy = this.#decoys.strongestOf(user)
    const known = strongest(this.users.get(user) ?? new Map())
    const [mechanism, credential] = known ?? decoy
    return { isKnown: known !== undefined, mechanism, credential }
  }

  /** One result for each user that is named. All that may be done is done with one write. */
  alter(alterations: UserAlterations): Promise<ReadonlyMap<string, ChangeResult>> {
    const { clock } = this.#options
    return this.#document.change(async () => {
      const { changes, refusals } = await planAlterations(alterations, this.users, clock)
      const result = new Map(refusals)
      const document = { ...this.#known, users: new Map(this.users) }
      for (const [name, change] of changes) result.set(name, this.#apply(document.users, name, change))
      const isAny = [...result.values()].includes(changed)
      const content = isAny ? await writeUsers(document, clock) : undefined
      return { result, content, take: () => this.#follow(document) }
    })
  }

  /** Resolves when all changes asked for so far are done. */
  settled(): Promise<void> {
    return this.#document.settled()
  }

  #apply(users: Map<string, Credentials>, name: string, change: CredentialChange): ChangeResult {
    const credentials = new Map(users.get(name))
    if (change.credential === null) credentials.delete(change.mechanism)
    else credentials.set(change.mechanism, change.credential)
    const maxUsers = this.#maxUsers
    if (!users.has(name) && users.size >= maxUsers)
      return refused('POLICY_VIOLATION', `There are ${maxUsers} users, and there may be no more.`)
    if (credentials.size === 0) users.delete(name)
    else users.set(name, credentials)
    return changed
  }

  #follow(document: UserDocument): void {
    if (!this.#known.secret.equals(document.secret)) this.#decoys = new Decoys(document.secret)
    this.#known = document
    this.#decoys.follow(document.users)
  }
}
