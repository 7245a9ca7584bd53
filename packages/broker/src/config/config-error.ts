export { ConfigError } from '@rivven/config'
