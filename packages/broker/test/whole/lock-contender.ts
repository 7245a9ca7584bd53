import { createInterface } from 'node:readline'
import { lockDataFolder } from '../../src/data-folder.js'

// One of the processes that want one folder: does what it is told, a word a line, and says how that went.
const [folder] = process.argv.slice(2) as [string]
let lock: ReturnType<typeof lockDataFolder> | undefined

function answerTo(word: string): string {
  if (word === 'release') {
    lock?.release()
    lock = undefined
    return 'released'
  }
  try {
    lock = lockDataFolder(folder)
    return 'held'
  } catch (error) {
    return (error as Error).message
  }
}

for await (const word of createInterface({ input: process.stdin })) process.stdout.write(`${answerTo(word)}\n`)
