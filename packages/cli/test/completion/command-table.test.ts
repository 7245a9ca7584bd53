import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command, Option } from 'commander'
import { commandTable } from '../../src/completion/command-table.js'

function program(): Command {
  const root = new Command('program').option('-b, --servers <host>')
  const group = root.command('group')
  group
    .command('lag')
    .alias('behind')
    .argument('[groups...]')
    .option('--all')
    .option('-c, --config <file>')
    .addOption(new Option('-o, --output <format>').choices(['json', 'csv']))
    .addOption(new Option('--secret <x>').hideHelp())
  root.command('__hidden', { hidden: true })
  return root
}

test('the table has all commands that are shown, under all of their names', () => {
  assert.deepEqual(
    commandTable(program()).map(({ path, commands }) => [path, commands]),
    [
      ['', ['group']],
      ['group', ['lag', 'behind']],
      ['group lag', []],
      ['group behind', []],
    ],
  )
})

test('a row has its flags, what stands behind them, and what its arguments are', () => {
  const row = commandTable(program()).find(({ path }) => path === 'group lag')!
  assert.deepEqual(row.flags, ['--all', '-c', '--config', '-o', '--output', '-h', '--help'])
  assert.deepEqual(row.values, [
    ['-c', 'files'],
    ['--config', 'files'],
    ['-o', { oneOf: ['json', 'csv'] }],
    ['--output', { oneOf: ['json', 'csv'] }],
  ])
  assert.equal(row.argument, 'groups')
})
