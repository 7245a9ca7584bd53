// Which test files share a process: to start one and load the broker costs more than most files of pure logic take.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What more of them print is hard to read. */
const mostFiles = 12

/** Hooks at the top of a file are of all tests in its process; and what a file does to its process others would feel. */
const needsOwnProcess =
  /^(before|after|beforeEach|afterEach)\(|\bprocess\.(env|exit|exitCode|on|once|chdir|kill|memoryUsage)\b|\bmock\.|\bgc\b/m

/**
 * Files of one folder of a package share a process, but for those that need one of their own. What tests the whole system (`test`,
 * rooms named `whole`) and simulates is alone. The order is kept.
 */
export function listsOf(files) {
  const lists = []
  const open = new Map()
  for (const file of files) {
    const isAlone = needsItsOwn(file)
    const shared = isAlone ? undefined : open.get(dirname(file))
    if (shared && shared.length < mostFiles) {
      shared.push(file)
      continue
    }
    const list = [file]
    lists.push(list)
    if (!isAlone) open.set(dirname(file), list)
  }
  return lists
}

function needsItsOwn(file) {
  return !/[\\/]packages[\\/](?!simulation)/.test(file) || /[\\/]whole[\\/]/.test(file) || changesItsProcess(file)
}

/** Itself, or by what lies beside it and is imported. */
function changesItsProcess(file) {
  const text = readFileSync(file, 'utf8')
  const helpers = [...text.matchAll(/from '(\.\/[^']+\.js)'/g)].map(([, path]) => join(dirname(file), path))
  return [text, ...helpers.map((helper) => readFileSync(helper, 'utf8'))].some((each) => needsOwnProcess.test(each))
}
