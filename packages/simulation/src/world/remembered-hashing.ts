import { type Hashing, inlineHashing } from '@rivven/runtime'

/** Results by what was asked: the same in every run, so that logins cost nothing after the first. */
const known = new Map<string, Buffer>()

/** Keys of passwords, made at once as time stands still meanwhile, and each but once. */
export const rememberedHashing: Hashing = {
  pbkdf2: async (digest, password, salt, iterations) => {
    const asked = JSON.stringify([digest, hex(password), hex(salt), iterations])
    const key = known.get(asked) ?? (await inlineHashing.pbkdf2(digest, password, salt, iterations))
    known.set(asked, key)
    return Buffer.from(key)
  },
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
