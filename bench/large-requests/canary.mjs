// A thread that sends a heartbeat every 20 ms over a connection of its own, and tells the longest that one took.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { Heartbeat } from '@rivven/protocol'
import { frameOf, open } from './wire.mjs'

const everyMs = 20

export async function startCanary(port) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { port } })
  const ask = (what) =>
    new Promise((resolve) => {
      worker.once('message', resolve)
      worker.postMessage(what)
    })
  return { begin: () => ask('begin'), end: () => ask('end'), stop: () => worker.terminate() }
}

async function sing({ port }) {
  const wire = await open(port)
  const frame = frameOf(Heartbeat, 4, { groupId: 'canary', generationId: 1, memberId: 'canary' })
  const waits = []
  let sent = 0
  let waitingSince
  let begunAt = 0
  // The broker collects garbage before a row begins: who waits for that waits for no request.
  const waited = () => performance.now() - Math.max(waitingSince, begunAt)
  const beat = async () => {
    if (waitingSince !== undefined) return
    waitingSince = performance.now()
    wire.write(frame)
    await wire.received(++sent)
    waits.push(waited())
    waitingSince = undefined
  }
  setInterval(beat, everyMs)
  parentPort.on('message', (what) => {
    if (what === 'begin') {
      waits.length = 0
      begunAt = performance.now()
    }
    const now = waitingSince === undefined ? 0 : waited()
    parentPort.postMessage({ canary_ms: Math.round(Math.max(0, now, ...waits)) })
  })
}

if (!isMainThread) await sing(workerData)
