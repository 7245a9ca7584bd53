import assert from 'node:assert/strict'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import pg from 'pg'
import { type Piecewise, PiecewiseQuery } from '../../src/database/postgres/connection/piecewise-query.js'

/** A socket that keeps what is written to it, piece by piece. */
class Kept extends Duplex {
  readonly pieces: Buffer[] = []

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.pieces.push(piece)
    done()
  }

  override _read(): void {
    // Nothing comes.
  }
}

function connected(): { connection: pg.Connection; stream: Kept } {
  const stream = new Kept()
  return { connection: new pg.Connection({ stream: () => stream }), stream }
}

/** As the driver writes it by itself. */
function asTheDriver({ name, text, values, bytes }: Piecewise): Buffer {
  const { connection, stream } = connected()
  const query = new pg.Query({ name, text, values: [...values, Buffer.concat(bytes)] })
  query.submit(connection)
  return Buffer.concat(stream.pieces)
}

function statementOf(bytes: readonly Buffer[]): Piecewise {
  return { name: 'append 7', text: 'select $1, $2, $3', values: ['{1,2}', 'äöü'], bytes }
}

test('large pieces go to the socket in the memory that they lie in, small ones copied together', () => {
  const large = [Buffer.alloc(70_000, 1), Buffer.alloc(9_000, 2)]
  const small = [Buffer.from('one'), Buffer.from('two')]
  for (const [bytes, areCopied] of [
    [large, false],
    [small, true],
    [[], true],
  ] as const) {
    const statement = statementOf(bytes)
    const { connection, stream } = connected()
    new PiecewiseQuery(statement).submit(connection)
    assert.deepEqual(Buffer.concat(stream.pieces), asTheDriver(statement))
    for (const piece of bytes) assert.equal(stream.pieces.includes(piece), !areCopied)
  }
})
