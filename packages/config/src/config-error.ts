/** Something in the configuration that only the person who wrote it can put right; the message is for them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
