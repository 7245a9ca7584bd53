import { ApiVersions, Metadata } from '@rivven/protocol'
import { type BadFrame, badFrames, frameOf, hex, int16, int32, requestHeader } from '../../malformed/inputs/frames.js'
import { type Attack, WrongAnswer } from '../attackers/attack.js'
import type { Target } from '../attackers/target.js'

/** One request that costs next to nothing: ApiVersions 0. */
const smallRequest = (id: number) => frameOf(int16(ApiVersions.key), int16(0), int32(id), int16(-1))
const small = 14

/** Whoever only sits there comes with so many connections. */
const SITTERS = 20

/** Rows 1, 4, 6, 9-13: bytes that end their connection. */
const endsItself = ({ row, name, bytes }: BadFrame): Attack => ({
  row: String(row),
  name,
  async run(target) {
    const connection = await target.open()
    connection.send(bytes)
    await target.expectClosed(connection, name)
  },
})

async function isAnswered(target: Target, frame: Buffer, code: number): Promise<void> {
  const connection = await target.open()
  connection.send(frame)
  target.expect((await connection.nextFrame()).readInt16BE(4), [code], 'the answer')
}

/** A run of requests that is written at once. */
function pipelined(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, id) => smallRequest(id)))
}

const odd: Attack[] = [
  {
    row: '2',
    name: 'frames of 100 MB, a byte every 10 s',
    connections: SITTERS,
    weight: 2,
    async run(target) {
      const connections = await target.openMany(SITTERS)
      for (const connection of connections) connection.send(Buffer.concat([int32(100_000_000), Buffer.from('x')]))
      for (let bytes = 0; bytes < 1 + target.chance.below(6); bytes++) {
        await target.pause(10_000)
        for (const connection of connections) connection.send(Buffer.from('x'), 0)
      }
      target.saw('left')
    },
  },
  {
    row: '3',
    name: 'a frame that is cut short',
    async run(target) {
      const connection = await target.open()
      const frame = frameOf(...requestHeader(Metadata.key, 4), int32(1), int16(5), Buffer.from('hallo'))
      connection.send(frame.subarray(0, target.chance.below(frame.length)))
      if (target.chance.below(2) === 0) connection.socket.end()
      else connection.socket.resetAndDestroy()
      await target.expectClosed(connection, 'a frame that is cut short')
    },
  },
  {
    row: '5',
    name: '2,000 requests pipelined',
    everyMs: 500,
    async run(target) {
      const connection = await target.open()
      connection.send(pipelined(2_000), 2_000)
      for (let id = 0; id < 2_000; id++) {
        const got = (await connection.nextFrame()).readInt32BE(0)
        if (got !== id) throw new WrongAnswer(`answer ${got} came instead of ${id}`)
      }
      target.saw('in order')
    },
  },
  {
    row: '5',
    name: 'a peer that never reads',
    everyMs: 5_000,
    async run(target) {
      const connection = await target.open()
      connection.socket.pause()
      const flood = pipelined(2_000)
      // What the broker does not take stays with us: then it is enough.
      while (connection.socket.writableLength < small * 20_000 && !target.signal.aborted) {
        connection.send(flood, 2_000)
        await target.pause(20)
      }
      await target.pause(10_000)
      target.saw('left')
    },
  },
  {
    row: '7',
    name: 'ApiVersions of version 127',
    run: (target) => isAnswered(target, frameOf(int16(18), int16(127), int32(7), int16(-1), hex('00')), 35),
  },
  {
    row: '8',
    name: 'a software name that is none',
    async run(target) {
      const software = { clientSoftwareName: target.chance.pick(['bad name!', '']), clientSoftwareVersion: '1' }
      target.expect((await target.ask(ApiVersions, 3, software)).errorCode, [42], 'ApiVersions')
    },
  },
  {
    row: '9',
    name: 'a client id that is not UTF-8',
    run: (target) => isAnswered(target, frameOf(...requestHeader(18, 0, Buffer.concat([int16(2), hex('ff fe')]))), 0),
  },
  {
    row: '10',
    name: 'tags that are unknown, repeated or falling',
    async run(target) {
      const connection = await target.open()
      const tags = hex(target.chance.pick(['02 05 00 05 00', '02 06 00 05 00', '01 63 03 010203']))
      connection.send(frameOf(...requestHeader(Metadata.key, 9), tags, hex('01 00 00 00 00')))
      await connection.nextFrame()
      target.saw('answered')
    },
  },
]

export const frameAttacks: readonly Attack[] = [...badFrames.map(endsItself), ...odd]
