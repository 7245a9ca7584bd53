import type { Target } from '../harness/target.js'
import { certificateTargets } from './certificates.js'
import { commandLineTargets } from './command-lines.js'
import { documentTargets } from './documents.js'
import { groupTargets } from './groups.js'
import { hostileBrokerTargets } from './hostile-broker.js'
import { httpTargets } from './http.js'
import { loginTargets } from './logins.js'
import { frameTargets, messageTargets } from './messages.js'
import { recordTargets } from './records.js'
import { rightsTargets } from './rights.js'
import { rivvenCallTargets } from './rivven-calls.js'
import { settingTargets } from './settings.js'
import { signedTokenTargets } from './signed-tokens.js'
import { storedTargets } from './stored.js'
import { streamTargets } from './streams.js'
import { telemetryTargets } from './telemetry.js'
import { tokenTargets } from './tokens.js'

/** Every parser that bytes from outside reach. */
export async function allTargets(): Promise<Target[]> {
  const groups = await Promise.all([
    messageTargets(),
    frameTargets(),
    streamTargets(),
    recordTargets(),
    groupTargets(),
    loginTargets(),
    certificateTargets(),
    rightsTargets(),
    storedTargets(),
    documentTargets(),
    settingTargets(),
    commandLineTargets(),
    telemetryTargets(),
    tokenTargets(),
    signedTokenTargets(),
    httpTargets(),
    rivvenCallTargets(),
    hostileBrokerTargets(),
  ])
  return groups.flat()
}
