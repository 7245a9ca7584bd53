import { descriptorSentence, FolderLockError } from '@rivven/runtime'
import { JoinError } from './cluster/join-error.js'
import { ConfigError } from './config/config-error.js'
import { isPassing, UnusableDatabaseError } from './database/database-error.js'
import { StoredDataError } from './storage/stored-data-error.js'

type SystemError = NodeJS.ErrnoException & { address?: string; port?: number }

/** What their messages say is for users. */
const sentences = [ConfigError, StoredDataError, JoinError, UnusableDatabaseError] as const

/** How a user says where to listen and where to store. */
export interface StartWords {
  readonly listen: string
  readonly dataFolder: string
}

const flags: StartWords = { listen: '--listen', dataFolder: '--data-dir' }

/** One plain sentence about what a user can put right; undefined for everything else, which is a bug. */
export function sentenceOf(error: unknown, words: StartWords = flags): string | undefined {
  if (sentences.some((kind) => error instanceof kind)) return (error as Error).message
  if (isPassing(error))
    return `The database did not answer in time (storage_connect_timeout_ms). ${(error as Error).message}`
  if (error instanceof FolderLockError) return `${error.message} Or choose another folder with ${words.dataFolder}.`
  const scarce = descriptorSentence(error)
  if (scarce !== undefined) return `The broker cannot start: ${scarce}.`
  return listenSentence(error as SystemError, words) ?? diskSentence(error as SystemError, words)
}

function listenSentence({ code, syscall, address, port }: SystemError, { listen }: StartWords): string | undefined {
  const where = address === undefined ? '' : ` ${address}:${port}`
  if (code === 'EADDRINUSE')
    return `The address${where} is in use: another broker may run there. Choose another with ${listen}.`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `This machine has no address${where}: check ${listen}.`
  if (code === 'EACCES' && syscall === 'listen')
    return `Listening on${where} is not allowed: choose a port from 1024 on.`
  return undefined
}

/** Whatever the operating system says about a file: which one it is says most. */
function diskSentence({ code, path, message }: SystemError, { dataFolder }: StartWords): string | undefined {
  if (code === undefined || path === undefined || !/^E[A-Z0-9]+$/.test(code)) return undefined
  const [, reason] = /^E[A-Z0-9]+: (.*?), /.exec(message) ?? []
  const why = reason === undefined ? code : `${code}, ${reason}`
  return `The data folder cannot be used: ${why}, at ${path}. Put that right, or choose another folder with ${dataFolder}.`
}
