// The end-to-end tests of consumers and transactions that run on one broker elsewhere, on three.
process.env.RIVVEN_TEST_BROKERS = '3'

await import('../e2e/consumer.test.js')
await import('../e2e/transactions.test.js')
await import('../e2e/producer.test.js')

export {}
