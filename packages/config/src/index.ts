export type { Check, FieldChecks, Misfit, OptionalCheck, OtherNames } from './checks.js'
export * as checks from './checks.js'
export { ConfigError } from './config-error.js'
export {
  type ConfigFile,
  type ConfigSource,
  type Environment,
  fromEnvironment,
  fromFile,
  type Section,
} from './config-sources.js'
export { didYouMean, nearest } from './nearest.js'
export { passwordOf } from './password.js'
export { Secret } from './secret.js'
